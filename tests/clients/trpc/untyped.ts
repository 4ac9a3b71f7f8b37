// Every line marked here must be refused by the compiler: an unused mark is an error of its own.
import { createTRPCClient, httpLink } from '@trpc/client';
import type { AppRouter } from './router.js';

const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: 'http://127.0.0.1:3000/trpc' })] });

// @ts-expect-error price is a number
export const price = { task: client.task.create.mutate({ title: 't', description: 'd', location: 'l', category: 'c', price: '5', deadline: 'x' }) };
// @ts-expect-error the task id is missing
export const missing = client.task.accept.mutate({});
// @ts-expect-error there is no such procedure
export const unknown = client.task.burn.mutate({ task_id: 'x' });
// @ts-expect-error a query is not a mutation
export const kind = client.task.getById.mutate({ task_id: 'x' });
// @ts-expect-error the resolution is a closed list
export const resolution = client.dispute.resolve.mutate({ dispute_id: 'x', resolution: 'DRAW', notes: 'n' });
// @ts-expect-error null has to be handled
export const nullable = client.proof.getByTaskId.query({ task_id: 'x' }).then((proof) => proof.id);
