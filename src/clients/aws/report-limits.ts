import { isThrottle } from './aws-error-cases.ts';
import { nameOf } from './aws-errors.ts';

/** The methods used of a command's middleware stack. The SDK's own type of the stack differs for every command. */
interface Stack {
  addRelativeTo(step: Step, where: { name: string; relation: 'after'; toMiddleware: string }): void;
}
type Step = (next: (args: unknown) => Promise<unknown>) => (args: unknown) => Promise<unknown>;

/** Calls `onLimit` for each attempt of a command that the service refuses because of a limit, whether or not the SDK retries it. */
export function reportLimits(command: { readonly middlewareStack: object }, onLimit: () => void): void {
  (command.middlewareStack as Stack).addRelativeTo(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (isThrottle(nameOf(error))) onLimit();
        throw error;
      }
    },
    { name: 'reportLimits', relation: 'after', toMiddleware: 'retryMiddleware' },
  );
}
