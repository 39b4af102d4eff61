/**
 * Themes: messages that ask for the same thing, grouped across days. What a summary tells of one;
 * every number comes from SQL.
 */
export interface ThemeFacts {
  id: number;
  title: string;
  /** Messages of this digest. */
  fresh: number;
  /** Messages of the last 30 days, these included. */
  month: number;
  /** ms since 1970 */
  firstSeen: number;
  lastSeen: number;
  trend: 'new' | 'growing' | 'steady' | 'quiet';
  /** Its newest message: where a link leads to. */
  latest: { ts: string; threadTs: string | null };
}
