import { CopyFailure } from './copy-failure.ts';

const ROLE_ARN = /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/**
 * The role must be associated with the warehouse. In a chain (`first,second`) the first one must be, and the others
 * need only be roles (AWS: "Chaining IAM roles in Amazon Redshift").
 * @throws CopyFailure
 */
export function authorize(iamRole: string, isRoleAssociated: (arn: string) => boolean): void {
  if (iamRole === 'default') return;
  // A role's name may contain a comma, so a chain is split only before the next ARN.
  const [first, ...chained] = iamRole.split(/,\s*(?=arn:)/);
  const refused = [first!, ...chained].find((arn) => !ROLE_ARN.test(arn));
  if (refused !== undefined || !isRoleAssociated(first!)) {
    throw new CopyFailure(`The requested role ${refused ?? first} is not associated to cluster`, {
      code: 30_000,
    });
  }
}
