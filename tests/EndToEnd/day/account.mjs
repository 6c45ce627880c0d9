// The AWS account of the day: a database, a cluster of two, and two jump hosts, of which the second is a spare.
import { databaseHost } from '../peers.mjs';

export const appHost = 'app.abc123.eu-central-1.rds.amazonaws.com';
export const memberHost = (/** @type {number} */ i) => `orders-${i}.abc123.eu-central-1.rds.amazonaws.com`;
export const jumpHosts = ['i-0aaaaaaaaaaaaaaaa', 'i-0bbbbbbbbbbbbbbbb'];

const engine = { engine: 'aurora-postgresql', engineVersion: '16.4', port: 5432, securityGroupIds: ['sg-0db'] };
const database = (/** @type {string} */ identifier, /** @type {string} */ host) => ({ ...engine, identifier, host, vpcId: 'vpc-0a' });

/** As the local AWS reads it. */
export const world = {
  instances: jumpHosts.map((instanceId, i) => ({
    instanceId,
    region: 'eu-central-1',
    name: `jump-${i}`,
    isOnline: i === 0,
    vpcId: 'vpc-0a',
    securityGroupIds: ['sg-0jump'],
  })),
  regions: [
    {
      name: 'eu-central-1',
      databases: [
        database('app', appHost),
        { ...database('orders-1', memberHost(1)), cluster: 'orders' },
        { ...database('orders-2', memberHost(2)), cluster: 'orders' },
      ],
      clusters: [
        {
          ...engine,
          identifier: 'orders',
          host: databaseHost,
          readerHost: null,
          customHosts: [],
          members: ['orders-1', 'orders-2'],
        },
      ],
      proxies: [],
      securityGroups: [
        {
          groupId: 'sg-0db',
          vpcId: 'vpc-0a',
          ingress: [{ fromPort: 5432, toPort: 5432, groupIds: ['sg-0jump'], cidrBlocks: [], prefixListIds: [] }],
        },
      ],
    },
  ],
};
