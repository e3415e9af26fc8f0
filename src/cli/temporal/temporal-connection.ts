import { Client, Connection, type ConnectionOptions, isGrpcServiceError } from '@temporalio/client';
import { dataConverterFromEnvironment } from '../../workers/data-converter.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { temporalProgram } from './temporal-program.ts';
import type { TemporalTarget } from './temporal-target.ts';

const CONNECT_SECONDS = 4;
/** gRPC's status code NOT_FOUND: the namespace does not exist. */
const NOT_FOUND = 5;

/**
 * A client for the namespace, which has been checked to exist. Close `client.connection` when done.
 * Payloads are encoded and decoded as TRIBUTARY_DATA_CONVERTER says.
 * @throws Terminal `BadEnvironment` if that is not a data converter; CommandError within a few seconds, with the address and how to start a server.
 */
export async function connectTemporal(target: TemporalTarget): Promise<Client> {
  const { address, namespace } = target;
  const dataConverter = await dataConverterFromEnvironment(process.env);
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({
      ...(target.connection as ConnectionOptions | undefined),
      address,
      connectTimeout: CONNECT_SECONDS * 1000,
    });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + CONNECT_SECONDS * 1000, () =>
      workflowService.describeNamespace({ namespace }),
    );
    return new Client({ connection, namespace, ...(dataConverter === undefined ? {} : { dataConverter }) });
  } catch (error) {
    await connection?.close();
    if (connection === undefined && error instanceof TypeError) {
      const message = `"${address}" (from ${target.from}) is not a valid address for Temporal: expected host:port.`;
      throw new CommandError(ExitCode.usage, message, { cause: error });
    }
    if (isGrpcServiceError(error) && Number(error.code) === NOT_FOUND) {
      throw new CommandError(
        ExitCode.usage,
        `Temporal at ${address} has no namespace "${namespace}". Set TRIBUTARY_TEMPORAL_NAMESPACE, or create it ` +
          `with: ${await temporalProgram()} operator namespace create --address ${address} ${namespace}`,
        { cause: error },
      );
    }
    throw new CommandError(ExitCode.failed, unreachable(target), { cause: error });
  }
}

const unreachable = ({ address, from }: TemporalTarget): string =>
  `Temporal cannot be reached at ${address} (from ${from}). Start a stack on this machine with ` +
  `"${TRIBUTARY} local start", or set TRIBUTARY_TEMPORAL_ADDRESS to the host:port of your server.`;
