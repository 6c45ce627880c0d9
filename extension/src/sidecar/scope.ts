import type { Scope } from './contract';

/** What of a tunnel, or of a request for one, says who asks and where. */
export const scopeOf = ({ profile, region }: Scope): Scope => ({
  ...(profile === undefined ? {} : { profile }),
  ...(region === undefined ? {} : { region }),
});
