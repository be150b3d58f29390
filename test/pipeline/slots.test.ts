import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Slots } from '../../src/pipeline/slots.js';

const clock = { yield: (): Promise<void> => setImmediate() };

/** Slots whose doings are written down. */
function slots(concurrency: number): { readonly slots: Slots; readonly said: string[] } {
  const said: string[] = [];
  const onBug = (error: unknown): void => {
    said.push(`bug: ${(error as Error).message}`);
  };
  return { slots: new Slots(concurrency, clock, onBug, () => said.push('over')), said };
}

async function rest(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

test('what a piece of work leaves for later is done when the next piece has begun', async () => {
  const { slots: one, said } = slots(1);
  one.run(async () => {
    said.push('first');
    one.leave(() => said.push('left by the first'));
    one.run(async () => {
      said.push('second');
    });
  });
  await rest();
  expect(said).toEqual(['first', 'second', 'left by the first', 'over', 'over']);
  expect(one.haveLeft).toBe(false);
});

test('what was left is done in its order, at once where what comes now builds on it', async () => {
  const { slots: two, said } = slots(2);
  for (const name of ['a', 'b']) {
    two.run(async () => {
      two.leave(() => said.push(name));
      if (name === 'a') return;
      expect(two.haveLeft).toBe(true);
      two.doWhatIsLeft();
      said.push('after both');
    });
  }
  await rest();
  expect(said).toEqual(['a', 'b', 'after both', 'over', 'over']);
});

test('while something that was left is being done, it counts as left', async () => {
  const { slots: one } = slots(1);
  const seen: boolean[] = [];
  one.run(async () => {
    one.leave(() => seen.push(one.haveLeft));
  });
  await rest();
  expect([...seen, one.haveLeft]).toEqual([true, false]);
});

test('what fails is told, and frees its slot', async () => {
  const { slots: one, said } = slots(1);
  one.run(() => Promise.reject(new Error('no')));
  one.run(async () => {
    one.leave(() => {
      throw new Error('nor this');
    });
  });
  one.run(async () => {
    said.push('third');
  });
  await rest();
  expect(said.filter((what) => what !== 'over').sort()).toEqual(['bug: no', 'bug: nor this', 'third']);
  expect(said.filter((what) => what === 'over')).toHaveLength(3);
});

test('what a piece of work left before it failed is done all the same', async () => {
  const { slots: one, said } = slots(1);
  one.run(async () => {
    one.leave(() => said.push('left'));
    throw new Error('no');
  });
  await rest();
  expect(said).toEqual(['bug: no', 'left', 'over']);
  expect(one.haveLeft).toBe(false);
});
