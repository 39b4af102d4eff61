import { work } from './work.ts';

/** Keeps one core busy until the benchmark ends; works in slices, so that it notices the end. */
function burn() {
  work();
  setImmediate(burn);
}
process.once('disconnect', () => process.exit(0));
process.send?.('burning');
burn();
