// A tunnel that is open and carries nothing, as the sidecar tells of it.
export const statistics = {
  connectionsNow: 0,
  connectionsTotal: 0,
  bytesUp: 0,
  bytesDown: 0,
  retransmissions: 0,
  resumes: 0,
  sessionsNow: 0,
  sessionsTotal: 0,
};
export const tunnel = {
  id: 'a',
  name: 'orders',
  host: 'db.example',
  port: 5432,
  localPort: 15_432,
  maxSessions: 4,
  state: 'Open',
  statistics,
  profile: 'work',
  region: 'eu-central-1',
};
