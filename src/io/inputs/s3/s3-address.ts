/** What `s3://bucket/key` names. */
export interface S3Address {
  readonly bucket: string;
  /** A key, or the beginning that keys share ('' for all); the slash that ends it is part of it. */
  readonly key: string;
}

export function isS3(argument: string): boolean {
  return /^s3:\/\//i.test(argument);
}

/** Undefined where no bucket is named. Keys are taken as they are written: nothing in them is decoded. */
export function parseS3(argument: string): S3Address | undefined {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/is.exec(argument) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

export function shownS3({ bucket, key }: S3Address): string {
  return `s3://${bucket}/${key}`;
}
