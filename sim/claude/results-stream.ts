/**
 * Streams a batch's results as JSON lines. Rows are written no faster than the client reads, so
 * 100,000 of them need little memory. Simulates the faults of the stream.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Batch, makeResultRow, type ResultRow } from './batch.ts';
import type { ResultsFault } from './faults.ts';

const CHUNK = 64 * 1024;

/** @param answer how much of it has been sent */
export type OnHang = (request: IncomingMessage, answer: 'none' | 'part') => void;

export interface StreamedResults {
  /** False when the stream was cut or stalled, or the client left. */
  complete: boolean;
  rows: number;
  outputTokens: number;
}

export async function streamResults(
  response: ServerResponse,
  batch: Batch,
  fault: ResultsFault | undefined,
  onHang?: OnHang,
): Promise<StreamedResults> {
  const sent: StreamedResults = { complete: false, rows: 0, outputTokens: 0 };
  let pending = '';
  for (let place = 0; place < batch.order.length; place += 1) {
    if (fault?.kind === 'results_short' && place >= fault.rows) break;
    const row = makeResultRow(batch, place);
    const line = `${JSON.stringify(row)}\n`;
    if (fault?.kind === 'results_cut' && place >= fault.afterRows) {
      await writeThrough(response, pending + line.slice(0, line.length >> 1));
      response.destroy();
      return sent;
    }
    if (fault?.kind === 'results_stall' && place >= fault.afterRows) {
      await writeThrough(response, pending);
      onHang?.(response.req, 'part');
      if (!response.destroyed) await once(response, 'close');
      return sent;
    }
    pending += bendLine(line, row, place, fault);
    sent.rows += 1;
    sent.outputTokens += outputTokensOf(row);
    if (pending.length < CHUNK) continue;
    if (!(await writeThrough(response, pending))) return sent;
    pending = '';
  }
  if (!(await writeThrough(response, pending))) return sent;
  response.end();
  sent.complete = true;
  return sent;
}

function bendLine(line: string, row: ResultRow, place: number, fault: ResultsFault | undefined) {
  switch (fault?.kind) {
    case 'results_broken_line':
      return place === fault.atRow ? `${line.slice(0, line.length >> 1)}\n` : line;
    case 'results_duplicate_row':
      return place === (fault.atRow ?? 0) ? line + line : line;
    case 'results_unknown_custom_id': {
      if (place !== (fault.atRow ?? 0)) return line;
      const stranger = { ...row, custom_id: 'sim-nobody-asked-for-this' };
      return `${JSON.stringify(stranger)}\n${line}`;
    }
    default:
      return line;
  }
}

function outputTokensOf({ result }: ResultRow): number {
  return result.type === 'succeeded' ? result.message.usage.output_tokens : 0;
}

/** Resolves when the text has been written; false when the client has left. */
async function writeThrough(response: ServerResponse, text: string): Promise<boolean> {
  if (response.destroyed) return false;
  if (text === '') return true;
  return new Promise((resolve) => {
    const gone = () => resolve(false);
    response.once('close', gone);
    response.write(text, (error) => {
      response.off('close', gone);
      resolve(error === undefined || error === null);
    });
  });
}
