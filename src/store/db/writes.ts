import type { KyselyPlugin, RootOperationNode } from 'kysely';
import type { Db } from './tables.ts';

const READS = /^\s*(?:select|with|pragma|explain)\b/i;

function isWrite(node: RootOperationNode): boolean {
  if (node.kind === 'SelectQueryNode') return false;
  return node.kind !== 'RawNode' || !READS.test(node.sqlFragments[0] ?? '');
}

/**
 * Counts the statements that may change something. A workspace has one writer, so while the count stays the same, the
 * database has nothing new.
 */
export function countWrites(db: Db): { db: Db; writes: () => number } {
  let writes = 0;
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (isWrite(node)) writes += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return { db: db.withPlugin(plugin), writes: () => writes };
}
