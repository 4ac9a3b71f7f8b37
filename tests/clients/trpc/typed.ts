// A client typed end to end by the printed router. Compiled, never run.
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter, HxCode } from './router.js';

type Inputs = inferRouterInputs<AppRouter>;
type Outputs = inferRouterOutputs<AppRouter>;

export const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: 'http://127.0.0.1:3000/trpc' })] });

export async function lifecycle(taskInput: Inputs['task']['create']): Promise<number> {
  const task = await client.task.create.mutate(taskInput);
  const open: 'OPEN' | 'ACCEPTED' | 'PROOF_SUBMITTED' | 'DISPUTED' | 'COMPLETED' | 'CANCELLED' | 'EXPIRED' = task.state;
  const intent: string | null = task.payment_intent_id;
  const accepted: Outputs['task']['accept'] = await client.task.accept.mutate({ task_id: task.id });
  const proof = await client.proof.getByTaskId.query({ task_id: task.id });
  const photos: number = proof === null ? 0 : proof.photos.length;
  const list = await client.task.list.query();
  await client.task.list.query({ filter: { state: ['OPEN', 'ACCEPTED'] }, sort: { field: 'price', direction: 'asc' } });
  const profile = await client.user.getProfile.query();
  const xp = await client.task.complete.mutate({ task_id: task.id });
  await client.dispute.resolve.mutate({ dispute_id: 'd', resolution: 'SPLIT', split_percent: 50, notes: 'half' });
  void [open, intent, accepted];
  return photos + list.total + profile.xp_total + (xp.xp_awarded?.effective_xp ?? 0);
}

export function code_of(error: unknown): HxCode | undefined {
  if (!(error instanceof TRPCClientError)) return undefined;
  const typed = error as TRPCClientError<AppRouter>;
  const field: string | undefined = typed.data?.field;
  const reasons: string[] | undefined = field === undefined ? undefined : typed.data?.zodError?.fieldErrors[field];
  void reasons;
  return typed.data?.hx;
}
