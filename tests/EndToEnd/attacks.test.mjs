import { describe, it } from 'node:test';
import { attackSidecar, skip } from './attacks/run.mjs';
import { hangMs } from './ports.mjs';

/** `npm run attack` goes on for longer. */
const attacks = 30;
const seeds = [1, Date.now() % 1_000_000];

describe('An attacker', { skip }, () => {
  for (const seed of seeds) {
    it(`disturbs nobody else, and leaves nothing behind (RDS_TUNNEL_ATTACK_SEED=${seed})`, test =>
      attackSidecar(test, { seed, goesOn: made => made < attacks, mayTakeMs: hangMs }));
  }
});
