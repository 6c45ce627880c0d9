// Worlds for the local AWS that a test makes itself.

/**
 * One PostgreSQL in the VPC `vpc-0a`, which lets in the security group `sg-0jump`.
 * @template {object} I
 * @param {string} host its endpoint
 * @param {I[]} instances the jump hosts
 */
export const worldOf = (host, instances) => ({
  instances,
  regions: [
    {
      name: 'eu-central-1',
      databases: [
        {
          identifier: 'orders',
          engine: 'postgres',
          engineVersion: '16.4',
          host,
          port: 5432,
          vpcId: 'vpc-0a',
          securityGroupIds: ['sg-0orders'],
        },
      ],
      clusters: [],
      proxies: [],
      securityGroups: [
        {
          groupId: 'sg-0orders',
          vpcId: 'vpc-0a',
          ingress: [{ fromPort: 5432, toPort: 5432, groupIds: ['sg-0jump'], cidrBlocks: [], prefixListIds: [] }],
        },
      ],
    },
  ],
});
