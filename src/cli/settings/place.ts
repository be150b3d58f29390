import type { PointName } from './collection-point.js';
import type { Credentials } from './credentials.js';

/** Whose events they are. */
export type Owner =
  | { readonly target: 'didomi'; readonly organization: string }
  | {
      readonly target: 'onetrust';
      readonly organization: undefined;
      readonly point: PointName;
      /** The collection point's token; undefined: each record brings its own. */
      readonly token: string | undefined;
    };

/** Which destination is meant, as a ledger tells them apart. */
export type Place = Owner & ({ readonly kind: 'sandbox' } | { readonly kind: 'address'; readonly apiUrl: string });

/** Where an import goes. */
export type DestinationSettings = Owner &
  (
    | { readonly kind: 'sandbox' }
    | {
        readonly kind: 'address';
        readonly apiUrl: string;
        /** Nothing leaves this machine. */
        readonly loopback: boolean;
        /** What Didomi hands out a session for. */
        readonly credentials: Credentials | undefined;
      }
  );
