import {
  ColumnNode,
  type KyselyPlugin,
  type OnConflictNode,
  OperationNodeTransformer,
} from 'kysely';

/** Lets `on conflict (key)` mean the key within a workspace: the index begins with its column. */
export function conflictsWithin(column: string): KyselyPlugin {
  class Transformer extends OperationNodeTransformer {
    protected override transformOnConflict(node: OnConflictNode): OnConflictNode {
      const { columns, ...rest } = super.transformOnConflict(node);
      return columns ? { ...rest, columns: [ColumnNode.create(column), ...columns] } : rest;
    }
  }
  const transformer = new Transformer();
  return {
    transformQuery: ({ node }) => transformer.transformNode(node),
    transformResult: async ({ result }) => result,
  };
}
