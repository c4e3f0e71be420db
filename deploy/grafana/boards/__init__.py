"""Dashboards and alert rules, a module each."""
