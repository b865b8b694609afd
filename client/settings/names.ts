/** Every setting that a configuration file may have, as `table.name` or `name`, in the order of the schema. */
export const SETTING_NAMES: readonly string[] = [
  "data",
  "api",
  "network",
  "policy",
  "domain",
  "bootstrap",
  "deb_namespace",
  ...[
    "listen",
    "mirror",
    "anchor",
    "publish_key",
    "witness_key",
    "passphrase_file",
    "follow",
    "max_store",
    "max_followed",
    "api_listen",
    "api_public",
    "api_host",
    "rebuilderd_api",
    "log",
  ].map((name) => `node.${name}`),
  ...["webhook", "webhook_secret", "exec", "alertmanager", "severity", "installed"].map(
    (name) => `watch.${name}`,
  ),
];
