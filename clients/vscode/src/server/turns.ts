// One thing at a time: what is wished for while another is under way waits, and only the last wish counts.

export type Turn = (work: () => Promise<void>) => Promise<void>;

/** A queue of one place: a newer wish takes the place of the one that waits, and both end with it. */
export function turns(): Turn {
  let running: Promise<void> | undefined;
  let waiting: { work: () => Promise<void>; ended: Promise<void> } | undefined;

  const run = (work: () => Promise<void>): Promise<void> => {
    const mine = work().finally(() => {
      if (running === mine) {
        running = undefined;
      }
    });
    running = mine;
    return mine;
  };

  return (work) => {
    if (running === undefined) {
      return run(work);
    }
    if (waiting !== undefined) {
      waiting.work = work;
      return waiting.ended;
    }
    const next = () => {
      const wish = (waiting as NonNullable<typeof waiting>).work;
      waiting = undefined;
      return run(wish);
    };
    waiting = { work, ended: running.then(next, next) };
    return waiting.ended;
  };
}
