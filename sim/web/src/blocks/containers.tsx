// Blocks that contain others: containers, cards and rows of cards.
import type { ReactNode } from 'react';
import { Mrkdwn, PlainText } from '../text.tsx';
import { ElementView } from './elements.tsx';
import { ImageBox } from './image-box.tsx';
import { LibraryBlock } from './library-block.tsx';
import { isJson, type Json, listOf, textOf, wordsOf } from './values.ts';

export function Container({ block, children }: { block: Json; children: ReactNode }) {
  const title = isJson(block.rich_text_title) ? (
    <LibraryBlock block={block.rich_text_title} />
  ) : (
    <PlainText text={wordsOf(block.title)} />
  );
  const head = (
    <>
      <strong>{title}</strong>
      {block.subtitle ? <span className="quiet">{wordsOf(block.subtitle)}</span> : null}
    </>
  );
  if (block.is_collapsible === true)
    return (
      <details className="container" open={block.default_collapsed !== true}>
        <summary>{head}</summary>
        <div className="container-body">{children}</div>
      </details>
    );
  return (
    <div className="container">
      <div className="container-head">{head}</div>
      <div className="container-body">{children}</div>
    </div>
  );
}

export function Card({ block }: { block: Json }) {
  const { hero_image: hero, title, subtitle, body } = block;
  return (
    <div className="card">
      {isJson(hero) ? <ImageBox image={hero} /> : null}
      {title ? (
        <strong>
          <Mrkdwn text={wordsOf(title)} />
        </strong>
      ) : null}
      {subtitle ? (
        <div className="quiet">
          <Mrkdwn text={wordsOf(subtitle)} />
        </div>
      ) : null}
      {body ? (
        <div>
          <Mrkdwn text={wordsOf(body)} />
        </div>
      ) : null}
      <div className="block-actions">
        {listOf(block.actions).map((element, index) => (
          <ElementView
            key={textOf(element.action_id) || index}
            element={element}
            blockId={textOf(block.block_id)}
          />
        ))}
      </div>
    </div>
  );
}

export function Carousel({ block }: { block: Json }) {
  return (
    <section className="carousel" aria-label="Cards" tabIndex={0}>
      {listOf(block.elements).map((card, index) => (
        <Card
          key={textOf(card.block_id) || index}
          block={{ ...card, block_id: card.block_id ?? block.block_id }}
        />
      ))}
    </section>
  );
}
