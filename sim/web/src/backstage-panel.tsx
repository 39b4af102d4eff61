import { memo, useState } from 'react';
import type { BackstageControl, BackstageSection } from '../../slack/backstage.ts';
import type { LiveCall, LiveTraffic } from '../../slack/live-protocol.ts';
import { useLive } from './live-context.ts';
import { useAct } from './notices.tsx';
import { formatClock } from './time.ts';

/** Behind the scenes: the host's sections, and the app's API calls. */
export function BackstagePanel({ onClose }: { onClose: () => void }) {
  const backstage = useLive((state) => state.backstage);
  const traffic = useLive((state) => state.traffic);
  return (
    <aside className="pane backstage" aria-label="Behind the scenes">
      <header className="pane-head">
        <h2>Behind the scenes</h2>
        <button
          type="button"
          className="icon-button"
          aria-label="Close what is behind the scenes"
          onClick={onClose}
        >
          ✕
        </button>
      </header>
      <div className="backstage-body" tabIndex={0}>
        {backstage?.sections.map((section) => (
          <Section key={section.title} section={section} />
        ))}
        {traffic ? <Traffic traffic={traffic} /> : null}
      </div>
    </aside>
  );
}

function Section({ section }: { section: BackstageSection }) {
  const { title, facts, controls, log } = section;
  return (
    <section className="backstage-section" aria-label={title}>
      <h3>{title}</h3>
      <Facts facts={facts} />
      {controls.length === 0 ? null : (
        <div className="backstage-controls">
          {controls.map((control) => (
            <Control key={control.id} control={control} />
          ))}
        </div>
      )}
      {log && log.length > 0 ? (
        <ol className="log" aria-label={`Log of ${title}`} tabIndex={0}>
          {log
            .map((line, index) => (
              <li key={`${line.at}-${index}`} className={line.tone}>
                <time>{formatClock(line.at)}</time> {line.text}
              </li>
            ))
            .reverse()}
        </ol>
      ) : null}
    </section>
  );
}

function Facts({ facts }: { facts: BackstageSection['facts'] }) {
  if (facts.length === 0) return null;
  return (
    <dl className="facts">
      {facts.map(({ label, value, tone }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className={tone}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Control({ control }: { control: BackstageControl }) {
  const act = useAct();
  const [isBusy, setBusy] = useState(false);
  const press = async (value?: string) => {
    setBusy(true);
    await act({
      kind: 'press-backstage',
      id: control.id,
      ...(value === undefined ? {} : { value }),
    });
    setBusy(false);
  };
  switch (control.kind) {
    case 'button':
      return (
        <button
          type="button"
          className={control.tone === 'danger' ? 'button danger' : 'button'}
          disabled={control.disabled === true || isBusy}
          onClick={() => press()}
        >
          {control.label}
        </button>
      );
    case 'choice':
      return (
        <label className="control-row">
          <span>{control.label}</span>
          <select value={control.value} onChange={(event) => press(event.target.value)}>
            {control.options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
        </label>
      );
    case 'number':
      return <NumberControl key={control.value} control={control} onPress={press} />;
    default:
      return control satisfies never;
  }
}

function NumberControl({
  control,
  onPress,
}: {
  control: Extract<BackstageControl, { kind: 'number' }>;
  onPress: (value: string) => void;
}) {
  const [value, setValue] = useState(String(control.value));
  const commit = () => {
    if (value !== '' && Number(value) !== control.value) onPress(value);
  };
  return (
    <label className="control-row">
      <span>{control.label}</span>
      <input
        type="number"
        min={control.min}
        max={control.max}
        step={control.step}
        value={value}
        onChange={(event) => setValue(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
        }}
      />
    </label>
  );
}

const Traffic = memo(function Traffic({ traffic }: { traffic: LiveTraffic }) {
  const { calls, total, rateLimited, sockets, limits } = traffic;
  return (
    <section className="backstage-section" aria-label="Calls of the app">
      <h3>Slack's side</h3>
      <Facts
        facts={[
          { label: 'API calls', value: total.toLocaleString('en-US') },
          {
            label: 'Refused with 429',
            value: rateLimited.toLocaleString('en-US'),
            ...(rateLimited > 0 ? { tone: 'bad' as const } : {}),
          },
          {
            label: 'Open sockets',
            value: String(sockets),
            tone: sockets > 0 ? ('good' as const) : ('bad' as const),
          },
        ]}
      />
      {limits.length > 0 ? (
        <>
          <h4>Rate limits</h4>
          <ul className="limits">
            {limits.slice(0, 8).map(({ method, left, burst, aMinute }) => (
              <li key={method}>
                <span className="limit-name">{breakAtDots(method)}</span>
                <meter
                  min={0}
                  max={burst}
                  low={burst * 0.25}
                  optimum={burst}
                  value={left}
                  aria-label={`${method}: ${left} of ${burst} calls left`}
                />
                <span className="quiet">{aMinute.toLocaleString('en-US')}/min</span>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <h4>Latest calls</h4>
      <ol className="log" aria-label="Latest calls" tabIndex={0}>
        {calls
          .map((call, index) => (
            <li key={`${call.at}-${index}`} className={call.ok ? undefined : 'bad'}>
              <time>{formatClock(call.at)}</time> {call.method} {sayOutcome(call)}
            </li>
          ))
          .reverse()}
      </ol>
    </section>
  );
});

/** A name that does not fit into its line goes on in the next one after a dot. */
const breakAtDots = (name: string) =>
  name
    .split(/(?<=\.)/)
    .flatMap((part, index) => (index === 0 ? [part] : [<wbr key={part} />, part]));

function sayOutcome({ ok, error, status, retryAfter }: LiveCall): string {
  if (ok) return '✓';
  if (retryAfter !== undefined) return `429, wait ${retryAfter} s`;
  return error ?? String(status);
}
