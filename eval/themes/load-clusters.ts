import { hash } from 'node:crypto';
import path from 'node:path';
import type { GoldMessage } from '../gold/message.ts';
import { readData } from '../gold/read-data.ts';
import { PlainError } from '../plain-error.ts';

/** Messages that people have put into clusters: each is about one matter. */
export interface ClusterMessage extends GoldMessage {
  /** Its label. */
  cluster: string;
  /** One line from the file; null: the bot's own prompt writes it. */
  gist: string | null;
}

const SHIPPED = path.join(import.meta.dirname, '../data/themes.jsonl');

/**
 * @param file undefined: what ships
 * @throws PlainError when the file is wrong
 */
export function loadClusters(file: string | undefined): {
  messages: ClusterMessage[];
  source: string;
} {
  const messages = readData(file ?? SHIPPED).map((message): ClusterMessage => {
    const [cluster = '', ...others] = message.labels;
    if (others.length > 0) {
      throw new PlainError(
        `The message "${message.id}" has several labels. For --themes it has to be in one cluster.`,
      );
    }
    // Nothing is shown as an example here, so no category is needed.
    return {
      ...message,
      channel: readChannel(cluster),
      cluster,
      right: [cluster],
      category: '',
      second: [],
    };
  });
  return { messages, source: file ?? 'the sample clusters (eval/data)' };
}

/** What stands before the first slash; otherwise all messages are of one channel. */
function readChannel(cluster: string): string {
  const end = cluster.indexOf('/');
  return end > 0 ? cluster.slice(0, end) : 'all';
}

/**
 * Draws whole clusters, in an order that follows from the seed, until they hold so many messages. The
 * last one may bring a few more.
 */
export function drawClusters(
  messages: ClusterMessage[],
  size: number,
  seed: number,
): { sample: ClusterMessage[]; rest: ClusterMessage[] } {
  const rank = (cluster: string) => hash('sha1', JSON.stringify([seed, cluster]));
  const clusters = [...Map.groupBy(messages, ({ cluster }) => cluster)]
    .map(([cluster, members]) => ({ cluster, members, rank: rank(cluster) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1));
  const drawn = new Set<string>();
  let total = 0;
  for (const { cluster, members } of clusters) {
    if (total >= size) break;
    drawn.add(cluster);
    total += members.length;
  }
  return {
    sample: messages.filter(({ cluster }) => drawn.has(cluster)),
    rest: messages.filter(({ cluster }) => !drawn.has(cluster)),
  };
}
