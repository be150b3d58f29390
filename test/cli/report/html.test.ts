import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html } from '../../../src/cli/report/html.js';

const PIECES = fc.constantFrom(
  '<',
  '>',
  '"',
  "'",
  '&',
  'lt;',
  '#',
  '/',
  'script',
  ' ',
  '\n',
  '\0',
  '\ud83d',
  '\ude00',
  'ä',
);

describe('the html tag', () => {
  it('escapes whatever it is given, in text and in attributes', () => {
    expect(String(html`<p title="${'"><script>'}">${"<script>alert('x')</script> & more"}</p>`)).toBe(
      '<p title="&quot;&gt;&lt;script&gt;">&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; more</p>',
    );
  });

  it('lets no value hold markup, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(PIECES).map((pieces) => pieces.join('')),
        (value) => {
          expect(String(html`${value}`)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
        },
      ),
    );
  });

  it('keeps its own pieces, joins lists, and writes nothing for nothing', () => {
    const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
    expect(String(html`<ul>${items}</ul>${undefined}${3}`)).toBe('<ul><li>a</li><li>&lt;</li></ul>3');
  });

  it('shows what can not be seen, and what would turn the direction of text, as what it is', () => {
    expect(String(html`${'a\u0000\u001b[2J\u202egpj.exe\ud800b\nc'}`)).toBe(
      'a\\u0000\\u001b[2J\\u202egpj.exe\\ud800b\nc',
    );
  });
});
