import type { ChannelFigures, Quantiles } from './figures.ts';
import type { Mode } from './simulate.ts';

/** What the ways to Claude are built to reach. */
export interface Goal {
  goal: string;
  figure: number;
  limit: string;
  met: boolean;
}

type Channel = Record<Mode, ChannelFigures>;

const LIMITS = {
  '≥': (figure: number, limit: number) => figure >= limit,
  '≤': (figure: number, limit: number) => figure <= limit,
  '<': (figure: number, limit: number) => figure < limit,
};

const compare = (goal: string, figure: number, sign: keyof typeof LIMITS, limit: number): Goal => ({
  goal,
  figure,
  limit: `${sign} ${limit}`,
  met: LIMITS[sign](figure, limit),
});

/**
 * @param apart batches whose times are independent
 * @param alike half of their times is common to all batches in progress: less can be won
 * @param callS one call of Claude
 */
export function judge(apart: Channel, alike: Channel, callS: Quantiles): Goal[] {
  const firstOf = ({ single, sharded }: Channel) => sharded.firstS.p50 / single.firstS.p50;
  const halfOf = ({ single, sharded }: Channel) => sharded.halfS.p90 / single.halfS.p90;
  const { single, sharded, express } = apart;
  return [
    compare('share of summaries on time', sharded.onTime, '≥', 0.99),
    compare('express: first reaction / one call, p50', express.firstS.p50 / callS.p50, '<', 1.5),
    compare('sharded / single: first reaction, p50', firstOf(apart), '<', 0.5),
    compare('sharded / single: half, p90', halfOf(apart), '<', 0.5),
    compare('sharded / single: price', sharded.usdPer1000 / single.usdPer1000, '≤', 1.1),
    compare('half common: first reaction, p50', firstOf(alike), '<', 0.5),
    compare('half common: half, p90', halfOf(alike), '<', 0.5),
  ];
}
