import type { RichTextBlock } from '@slack/types';
import { describeChart } from './digest/chart.ts';

/** Charts in words. Their block is new in 2026, and a workspace may refuse it; every one accepts the words. */

/** Replaces the charts of a post by words; undefined if it has none. */
export function replaceDataBlocks(blocks: object[]): object[] | undefined {
  const replaced = blocks.map((block) => describeDataBlock(block) ?? block);
  return replaced.some((block, n) => block !== blocks[n]) ? replaced : undefined;
}

/** A chart in words; undefined for any other block. */
export function describeDataBlock(block: object): RichTextBlock | undefined {
  const { type } = block as { type?: unknown };
  return type === 'data_visualization' ? describeChart(block) : undefined;
}
