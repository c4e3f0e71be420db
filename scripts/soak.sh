#!/bin/bash
# What make test does in small, for hours: in each round Swift's properties, random histories, crowds and kills with seeds that
# no round before has had. ROUNDS (10); SEED is the first (2: make test has had 1); the parameters of the tests themselves by
# BOURSE_PROPERTY_SEEDS, BOURSE_PROPERTY_STEPS, CROWD_SECONDS and CROWD_KILLS. A failure names the SEED to repeat it with.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
first=${SEED:-2}
failed=()
export BOURSE_PROPERTY_SEEDS=${BOURSE_PROPERTY_SEEDS:-100} CROWD_SECONDS=${CROWD_SECONDS:-60} CROWD_KILLS=${CROWD_KILLS:-10}
for seed in $(seq "$first" $((first + ${ROUNDS:-10} - 1))); do
  echo "SEED=$seed"
  SEED=$seed BOURSE_PROPERTY_SEED=$(((seed - 1) * BOURSE_PROPERTY_SEEDS + 1)) \
    STEPS=${STEPS:-swift properties end-to-end} scripts/test.sh || failed+=("$seed")
done
[ ${#failed[@]} -eq 0 ] || { echo "FAILED with SEED ${failed[*]}" && exit 1; }
