import type { Json } from './values.ts';

/** A block that this page cannot draw, shown with its text. */
export function UnknownBlock({ block }: { block: Json }) {
  return (
    <div className="unknown-block">
      <p>
        A block of type <code>{String(block.type)}</code>, which this page does not draw.
      </p>
      <details>
        <summary>What it says</summary>
        <pre>{JSON.stringify(block, null, 2)}</pre>
      </details>
    </div>
  );
}
