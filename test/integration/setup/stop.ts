import { stopSharedStack } from './shared-stack.ts';

export default stopSharedStack;
