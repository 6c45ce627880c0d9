// npm run attack: the attacks of attacks.test.mjs, for as long as you like.
//   RDS_TUNNEL_ATTACK_SECONDS  how long it attacks, after each attack was made once; 15. An hour is 3600
//   RDS_TUNNEL_ATTACK_SEED     what it does
//   RDS_TUNNEL_ATTACK_ONLY     only attacks whose name has this in it
import { describe, it } from 'node:test';
import { attackSidecar, skip } from './run.mjs';
import { hangMs } from '../ports.mjs';

const ms = 1_000 * Number(process.env.RDS_TUNNEL_ATTACK_SECONDS ?? 15);
const seed = Number(process.env.RDS_TUNNEL_ATTACK_SEED ?? Date.now() % 1_000_000);

void describe('An attacker', { skip }, () => {
  void it(`disturbs nobody else, and leaves nothing behind (RDS_TUNNEL_ATTACK_SEED=${seed})`, { timeout: ms + 2 * hangMs }, test => {
    const until = { ms: 0 };
    return attackSidecar(test, {
      seed,
      goesOn: () => Date.now() < (until.ms ||= Date.now() + ms),
      mayTakeMs: ms + hangMs,
      only: process.env.RDS_TUNNEL_ATTACK_ONLY,
    });
  });
});
