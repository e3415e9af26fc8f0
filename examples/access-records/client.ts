/** Which client made a request, by its user agent. */

interface Client {
  readonly name: string;
  /** What its user agent contains. */
  readonly sign: RegExp;
  /** Where its version is: after the name and a slash, up to the next blank. */
  readonly version: readonly RegExp[];
}

/** The first that fits counts: the agents of some clients contain the names of others. */
const CLIENTS: readonly Client[] = [
  { name: 'WEB', sign: /Synapse-Web-Client/, version: [/Synapse-Web-Client\/(\S+)/] },
  {
    name: 'WEB',
    sign: /mozilla|safari|opera|lynx|ucweb|chrome|firefox/i,
    version: [/^(?:mozilla|safari|opera|lynx|ucweb|chrome|firefox)\/(\S+)/i],
  },
  {
    name: 'JAVA',
    // Some releases misspelt the name.
    sign: /Synapse-Java-Client|Synpase-Java-Client/,
    version: [/Synapse-Java-Client\/(\S+)/, /^Synpase-Java-Client\/(\S+)/],
  },
  { name: 'SYNAPSER', sign: /synapser/, version: [/synapser\/(\S+)/] },
  { name: 'R', sign: /synapseRClient/, version: [/synapseRClient\/(\S+)/] },
  { name: 'COMMAND_LINE', sign: /synapsecommandlineclient/, version: [/synapsecommandlineclient\/(\S+)/] },
  { name: 'PYTHON', sign: /synapseclient/, version: [/synapseclient\/(\S+)/] },
  { name: 'ELB_HEALTHCHECKER', sign: /ELB-HealthChecker/, version: [/ELB-HealthChecker\/(\S+)/] },
  { name: 'STACK', sign: /SynapseRepositoryStack/, version: [/SynapseRepositoryStack\/(\S+)/] },
];

export function clientOf(agent: string | null): string {
  return CLIENTS.find(({ sign }) => agent !== null && sign.test(agent))?.name ?? 'UNKNOWN';
}

/** @param client as `clientOf` names it */
export function clientVersionOf(client: string | null, agent: string | null): string | null {
  if (client === null || agent === null) return null;
  const found = CLIENTS.find(({ name, sign }) => name === client && sign.test(agent));
  for (const pattern of found?.version ?? []) {
    const version = pattern.exec(agent)?.[1];
    if (version !== undefined) return version;
  }
  return null;
}
