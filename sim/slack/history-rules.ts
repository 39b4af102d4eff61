/** How Slack pages through history. Its documentation leaves some of this open, and it has changed. */
export interface HistoryRules {
  /** The end of a range that the first page is at. Messages on a page are always newest first. */
  begins: 'newest' | 'oldest without latest' | 'oldest';
  /** False: a page that is not the last has `has_more` and no cursor. */
  cursors: boolean;
  /** Pages have at most this many messages, whatever `limit` asks for. */
  pageCap: number;
}

export const DEFAULT_HISTORY: HistoryRules = {
  begins: 'newest',
  cursors: true,
  pageCap: Number.POSITIVE_INFINITY,
};

/** Apps that are distributed outside the Marketplace get pages of at most this many messages. */
export const UNLISTED_PAGE = 15;
