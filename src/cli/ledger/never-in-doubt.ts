/** Said of Didomi. */
export const NEVER_IN_DOUBT =
  'Nothing is ever in doubt at Didomi: it knows events by their ids, so what was not answered is simply sent again.';
