/** The models of the stand-in and what each refuses. Dates and limits as of November 2026. */
export interface SimModel {
  id: string;
  name: string;
  line: 'haiku' | 'sonnet' | 'opus';
  createdAt: string;
  deprecatedAt: string | null;
  retiresAt: string | null;
  maxInputTokens: number;
  maxOutputTokens: number;
  /** The shortest prompt, in tokens, that is cached. */
  minCacheTokens: number;
  /** Thinking happens unless the request says `disabled`, and counts toward `max_tokens`. */
  thinksByDefault: boolean;
  /** `temperature`, `top_p` and `top_k` are a 400. */
  refusesSampling: boolean;
  /** A last message by the assistant is a 400. */
  refusesPrefill: boolean;
}

// Measured for claude-haiku-5-5 only. The other 5.5 models are assumed to be as strict: a stand-in
// that is more lenient than the service hides mistakes.
const MODELS: readonly SimModel[] = [
  {
    id: 'claude-haiku-5-5',
    name: 'Claude Haiku 5.5',
    line: 'haiku',
    createdAt: '2026-09-29T00:00:00Z',
    deprecatedAt: null,
    retiresAt: null,
    maxInputTokens: 1_000_000,
    maxOutputTokens: 64_000,
    minCacheTokens: 512,
    thinksByDefault: true,
    refusesSampling: true,
    refusesPrefill: true,
  },
  {
    id: 'claude-sonnet-5-5',
    name: 'Claude Sonnet 5.5',
    line: 'sonnet',
    createdAt: '2026-09-01T00:00:00Z',
    deprecatedAt: null,
    retiresAt: null,
    maxInputTokens: 1_000_000,
    maxOutputTokens: 128_000,
    minCacheTokens: 1024,
    thinksByDefault: false,
    refusesSampling: true,
    refusesPrefill: true,
  },
  {
    id: 'claude-opus-5-5',
    name: 'Claude Opus 5.5',
    line: 'opus',
    createdAt: '2026-08-04T00:00:00Z',
    deprecatedAt: null,
    retiresAt: null,
    maxInputTokens: 1_000_000,
    maxOutputTokens: 128_000,
    minCacheTokens: 1024,
    thinksByDefault: false,
    refusesSampling: true,
    refusesPrefill: true,
  },
  {
    id: 'claude-sonnet-4-5',
    name: 'Claude Sonnet 4.5',
    line: 'sonnet',
    createdAt: '2025-09-29T00:00:00Z',
    deprecatedAt: '2026-06-01T00:00:00Z',
    retiresAt: '2026-11-30T00:00:00Z',
    maxInputTokens: 200_000,
    maxOutputTokens: 64_000,
    minCacheTokens: 1024,
    thinksByDefault: false,
    refusesSampling: false,
    refusesPrefill: false,
  },
];

export type Lifecycle = 'active' | 'deprecated' | 'retired';

export function findModel(id: string): SimModel | undefined {
  return MODELS.find((model) => model.id === id);
}

export function lifecycleOf(model: SimModel, now: number): Lifecycle {
  if (model.retiresAt !== null && now >= Date.parse(model.retiresAt)) return 'retired';
  return model.deprecatedAt === null || now < Date.parse(model.deprecatedAt)
    ? 'active'
    : 'deprecated';
}

/** Newest first, as the service lists them. */
export function listModels(lifecycles: readonly Lifecycle[], now: number): SimModel[] {
  return MODELS.filter((model) => lifecycles.includes(lifecycleOf(model, now))).toSorted(
    (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt),
  );
}

export function describeModel(model: SimModel, now: number) {
  const yes = { supported: true };
  const no = { supported: false };
  return {
    type: 'model' as const,
    id: model.id,
    display_name: model.name,
    created_at: model.createdAt,
    deprecated_at: model.deprecatedAt,
    lifecycle: lifecycleOf(model, now),
    line: model.line,
    max_input_tokens: model.maxInputTokens,
    max_tokens: model.maxOutputTokens,
    retires_at: model.retiresAt,
    capabilities: {
      batch: yes,
      citations: yes,
      code_execution: no,
      context_management: {
        supported: false,
        clear_thinking_20251015: null,
        clear_tool_uses_20250919: null,
        compact_20260112: null,
      },
      effort: { supported: true, low: yes, medium: yes, high: yes, max: no, xhigh: null },
      image_input: yes,
      pdf_input: yes,
      server_tools: { supported: false, code_execution: no, web_search: no },
      structured_outputs: yes,
      thinking: {
        supported: true,
        types: { adaptive: yes, between_tools: no, disabled: yes, enabled: yes },
      },
    },
  };
}
