import type { Job } from '../../src/jobs/job.ts';
import { JOBS } from '../../src/jobs/registry.ts';

/** Given to a bot by `node --import`: one more row in the registry. */
(JOBS as Job[]).push({
  name: 'added',
  after: [],
  async run({ log }) {
    log.info({}, 'the added job ran');
    return null;
  },
});
