// rds, docdb and neptune: orders.cluster-abc123.eu-central-1.rds.amazonaws.com; ElastiCache says its region in short.
const regional = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.([a-z]{2}(?:-[a-z]+)+-\d)\.(?:rds|docdb|neptune|redshift|redshift-serverless)\.amazonaws\.com(?:\.cn)?$/i;
const cache = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.cache\.amazonaws\.com(?:\.cn)?$/i;

/** A name that AWS gives to databases. */
export const isAwsDatabase = (host: string): boolean => regional.test(host) || cache.test(host);

/** The region that the name says, if it does. */
export const regionOf = (host: string): string | undefined => regional.exec(host)?.[1]?.toLowerCase();
