/** Stands in for the ledger: knows nothing, keeps nothing. */
const nothing = async () => undefined;

export async function openLedger({ folder }) {
  const ledger = {
    secret: new Uint32Array([1, 2, 3, 4]),
    size: 0,
    runs: [],
    isSurelyNew: () => true,
    lookup: async (keys) => keys.map(() => undefined),
    recordDelivered: nothing,
    readState: nothing,
    writeState: nothing,
    recordRun: nothing,
    stats: async () => ({ delivered: 0, inDoubt: 0, runs: 0, completedFiles: 0, diskBytes: 0, lastUsed: undefined }),
    files: {
      completedByContent: nothing,
      completedByIdentity: nothing,
      completedFiles: async () => [],
      recordCompleted: nothing,
      checkpoints: async () => [],
      putCheckpoint: nothing,
      dropCheckpoints: nothing,
    },
    quota: { reserve: async (_, events) => events, giveBack: () => undefined, usedToday: async () => 0 },
  };
  return { ledger, folder, isNew: true, cutBytes: 0, writeProgress: nothing, close: nothing };
}
