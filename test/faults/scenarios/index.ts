import type { Scenario } from '../scenario.js';
import { brokerAway } from './broker-away.js';
import { diskFull } from './disk-full.js';
import { eventStoreFaults } from './event-store-faults.js';
import { hardStop } from './hard-stop.js';
import { postgresRestarts } from './postgres-restarts.js';
import { randomKills } from './random-kills.js';
import { rebalances } from './rebalances.js';
import { staleProcess } from './stale-process.js';

export const SCENARIOS: readonly Scenario[] = [
  randomKills,
  staleProcess,
  rebalances,
  hardStop,
  diskFull,
  brokerAway,
  eventStoreFaults,
  postgresRestarts,
];
