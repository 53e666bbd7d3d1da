// A broker for tests that speaks as much of Service Bus's AMQP 1.0 as Microsoft's client for .NET uses: send, scheduled send, peek-lock,
// complete, abandon, release, dead-letter, renew-lock, update-disposition, peek-message, schedule and cancel. Nothing is kept after its end.
//
//   node amqp-broker.mjs [--port 0] [--lock 60000] [--no-queues]
//
// It listens on the loopback, says `listening on PORT`, makes a queue when somebody first attaches to it (never with --no-queues), locks
// messages for --lock milliseconds, and ends when its standard input closes.
//
// References: learn.microsoft.com/azure/service-bus-messaging, service-bus-amqp-protocol-guide and service-bus-amqp-request-response.

import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import rhea from 'rhea';

const { values: options } = parseArgs({
  options: { port: { type: 'string', default: '0' }, lock: { type: 'string', default: '60000' }, 'no-queues': { type: 'boolean', default: false } },
});
const lockTime = Number(options.lock);
const { types, message: codec } = rhea;
const LOCK_LOST = 'com.microsoft:message-lock-lost';
const NOT_FOUND = 'amqp:not-found';
const MAX_MESSAGE = 1048576;
// Section 3.2.16 of AMQP 1.0 leaves formats to vendors; this one is a batch, each of its data sections a message.
const BATCH = 0x80013700;

const queues = new Map();
const replyLinks = new Map();
let lastSequence = 0;

// --- queues ---------------------------------------------------------------------------------------------------------

const nameOf = (address) => (address ?? '').replace(/^amqps?:\/\/[^/]*/i, '').replace(/^\//, '').replace(/\/\$management$/i, '').toLowerCase();
const isManagement = (address) => /\/\$management$/i.test(address ?? '');

function find(address) {
  const name = nameOf(address);
  if (!queues.has(name) && !options['no-queues']) {
    queues.set(name, { ready: [], locked: new Map(), scheduled: new Map(), dead: [], takers: new Set() });
  }
  return queues.get(name);
}

/** Numbers a message when it becomes visible: a scheduled one has another number before, as it has in the cloud. */
function show(queue, message) {
  const now = Date.now();
  const item = { sequence: ++lastSequence, message, deliveries: 0, ends: message.ttl ? now + message.ttl : Infinity };
  message.message_annotations = {
    ...message.message_annotations,
    'x-opt-sequence-number': types.wrap_long(item.sequence),
    'x-opt-enqueued-time': types.wrap_timestamp(now),
  };
  queue.ready.push(item);
  serve(queue);
}

function take(queue, message) {
  const due = Number(message.message_annotations?.['x-opt-scheduled-enqueue-time'] ?? 0);
  const wait = due - Date.now();
  if (wait <= 0) {
    show(queue, message);
    return lastSequence;
  }
  const sequence = ++lastSequence;
  message.message_annotations['x-opt-scheduled-enqueue-time'] = types.wrap_timestamp(due);
  const timer = setTimeout(() => { queue.scheduled.delete(sequence); show(queue, message); }, wait);
  queue.scheduled.set(sequence, { message, timer });
  return sequence;
}

function giveBack(queue, item, counts) {
  item.deliveries += counts ? 1 : 0;
  queue.ready.push(item);
  queue.ready.sort((one, other) => one.sequence - other.sequence);
  setImmediate(() => serve(queue));
}

// --- peek-lock ------------------------------------------------------------------------------------------------------

function lock(queue, token, held) {
  held.until = Date.now() + lockTime;
  clearTimeout(held.timer);
  held.timer = setTimeout(() => { if (unlock(queue, token)) giveBack(queue, held.item, true); }, lockTime);
  queue.locked.set(token, held);
}

/** What was locked under the token; undefined when the lock is lost. */
function unlock(queue, token) {
  const held = queue.locked.get(token);
  if (held) {
    clearTimeout(held.timer);
    queue.locked.delete(token);
  }
  return held;
}

/** Ends a lock as its holder wishes. False when it was lost. */
function settle(queue, token, outcome) {
  const held = unlock(queue, token);
  if (!held) return false;
  switch (outcome) {
    case 'accepted': case 'completed': break;
    case 'rejected': case 'suspended': queue.dead.push(held.item); break;
    // A link without anybody receiving releases what arrives on it, and no delivery is counted.
    case 'released': giveBack(queue, held.item, false); break;
    default: giveBack(queue, held.item, true); break;
  }
  return true;
}

/** The client reads a tag of 16 bytes as a Guid, whose first three fields are little-endian; on the management link it sends an AMQP uuid. */
const tokenOfTag = (tag) => Buffer.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((i) => tag[i])).toString('hex');
const tokenOfUuid = (uuid) => Buffer.from(uuid.value ?? uuid).toString('hex');

/** rhea counts credit down when it writes, not when it is told to send. */
function credit(link) {
  const written = link.session.outgoing.next_pending_delivery;
  link.unwritten = (link.unwritten ?? []).filter((delivery) => delivery.id >= written);
  return link.credit - link.unwritten.length;
}

function serve(queue) {
  const now = Date.now();
  queue.ready = queue.ready.filter((item) => item.ends > now);
  for (const link of queue.takers) {
    while (queue.ready.length > 0 && link.is_open() && link.sendable() && credit(link) > 0) {
      const item = queue.ready.shift();
      const tag = randomBytes(16);
      const held = { item };
      lock(queue, tokenOfTag(tag), held);
      item.message.delivery_count = item.deliveries;
      item.message.message_annotations['x-opt-locked-until'] = types.wrap_timestamp(held.until);
      const delivery = link.send(item.message, tag);
      delivery.queue = queue;
      delivery.token = tokenOfTag(tag);
      link.unwritten.push(delivery);
    }
  }
}

// --- requests -------------------------------------------------------------------------------------------------------

const ok = (body) => ({ status: 200, body });
const failed = (status, condition) => ({ status, condition });
const tokensOf = (body) => body['lock-tokens'].map(tokenOfUuid);

function encoded(item, state) {
  const { message } = item;
  message.delivery_count = item.deliveries ?? 0;
  message.message_annotations = { ...message.message_annotations, 'x-opt-message-state': types.wrap_int(state) };
  const bytes = codec.encode(message);
  delete message.message_annotations['x-opt-message-state'];
  return { message: bytes };
}

const operations = {
  'com.microsoft:renew-lock'(queue, body) {
    const tokens = tokensOf(body);
    if (!tokens.every((token) => queue.locked.has(token))) return failed(410, LOCK_LOST);
    tokens.forEach((token) => lock(queue, token, queue.locked.get(token)));
    return ok({ expirations: types.wrap_array(tokens.map((token) => queue.locked.get(token).until), 0x83) });
  },

  'com.microsoft:update-disposition'(queue, body) {
    const settled = tokensOf(body).map((token) => settle(queue, token, body['disposition-status']));
    return settled.every(Boolean) ? ok() : failed(410, LOCK_LOST);
  },

  'com.microsoft:peek-message'(queue, body) {
    const active = [...queue.ready, ...[...queue.locked.values()].map((held) => held.item)].map((item) => [item.sequence, item, 0]);
    const later = [...queue.scheduled].map(([sequence, { message }]) => {
      message.message_annotations['x-opt-sequence-number'] = types.wrap_long(sequence);
      return [sequence, { message }, 2];
    });
    const found = [...active, ...later].filter(([sequence]) => sequence >= Number(body['from-sequence-number'])).sort((a, b) => a[0] - b[0]);
    const page = [];
    let size = 0;
    // The cloud's answers are bounded in bytes too, so a page may be shorter than what was asked for.
    for (const [, item, state] of found.slice(0, Number(body['message-count']))) {
      const one = encoded(item, state);
      size += one.message.length;
      if (page.length > 0 && size > MAX_MESSAGE / 4) break;
      page.push(one);
    }
    return page.length > 0 ? ok({ messages: page }) : { status: 204 };
  },

  'com.microsoft:schedule-message'(queue, body) {
    const sequences = body.messages.map((one) => take(queue, codec.decode(one.message)));
    return ok({ 'sequence-numbers': types.wrap_array(sequences, 0x81) });
  },

  'com.microsoft:cancel-scheduled-message'(queue, body) {
    for (const sequence of body['sequence-numbers'].map(Number)) {
      clearTimeout(queue.scheduled.get(sequence)?.timer);
      queue.scheduled.delete(sequence);
    }
    return ok();
  },
};

function reply(request, properties, body) {
  replyLinks.get(request.reply_to)?.send({ correlation_id: request.message_id, application_properties: properties, body }, randomBytes(16));
}

function manage(address, request) {
  const queue = find(address);
  const operation = operations[request.application_properties.operation];
  const answer = queue === undefined ? failed(404, NOT_FOUND) : operation ? operation(queue, request.body) : failed(501, 'amqp:not-implemented');
  const properties = { statusCode: types.wrap_int(answer.status), statusDescription: answer.condition ?? 'OK' };
  if (answer.condition) properties.errorCondition = types.wrap_symbol(answer.condition);
  reply(request, properties, answer.body ?? {});
}

// --- links ----------------------------------------------------------------------------------------------------------

const container = rhea.create_container({ id: 'test-broker' });
// What the client speaks when a $cbs link follows that authorizes it; here every token does.
container.sasl_server_mechanisms.MSSBCBS = () => ({ outcome: undefined, start() { this.outcome = true; } });

/** The client takes modes that are not its own for a refusal, and no maximum for a maximum of nothing. */
function agree(link) {
  link.local.attach.snd_settle_mode = link.remote.attach.snd_settle_mode;
  link.local.attach.rcv_settle_mode = link.remote.attach.rcv_settle_mode;
  link.local.attach.max_message_size = MAX_MESSAGE;
  link.set_source(link.source ?? {});
  link.set_target(link.target ?? {});
}

/** Section 2.6.3 of AMQP 1.0: a refused link is attached to nothing, and then detached. */
function refuse(link) {
  link.local.attach.source = undefined;
  link.local.attach.target = undefined;
  link.close({ condition: NOT_FOUND, description: 'There is no such queue.' });
}

container.on('sender_open', ({ sender }) => {
  agree(sender);
  const address = sender.source?.address;
  if (address !== '$cbs' && find(address) === undefined) {
    refuse(sender);
  } else if (address === '$cbs' || isManagement(address)) {
    sender.local.attach.snd_settle_mode = 1;
    replyLinks.set(sender.target.address, sender);
  } else {
    find(address).takers.add(sender);
  }
});

container.on('receiver_open', ({ receiver }) => {
  agree(receiver);
  const address = receiver.target?.address;
  if (address !== '$cbs' && find(address) === undefined) refuse(receiver);
});

container.on('sendable', ({ sender }) => {
  const queue = queues.get(nameOf(sender.source?.address));
  if (queue?.takers.has(sender)) serve(queue);
});

// The client takes its credit back before it closes a link, and waits until it has it.
container.on('sender_draining', ({ sender }) => sender.set_drained(true));

function forget(isGone) {
  for (const [address, link] of replyLinks) if (isGone(link)) replyLinks.delete(address);
  for (const queue of queues.values()) for (const link of queue.takers) if (isGone(link)) queue.takers.delete(link);
}
container.on('sender_close', ({ sender }) => forget((link) => link === sender));
container.on('session_close', ({ session }) => forget((link) => link.session === session));
container.on('connection_close', ({ connection }) => forget((link) => link.connection === connection));
container.on('disconnected', ({ connection }) => forget((link) => link.connection === connection));

for (const outcome of ['accepted', 'released', 'modified', 'rejected']) {
  container.on(outcome, ({ delivery }) => {
    if (!delivery.queue || delivery.settled) return;
    const kept = settle(delivery.queue, delivery.token, outcome);
    delivery.update(true, (kept ? codec.accepted() : codec.rejected({ error: { condition: LOCK_LOST, description: 'The lock is lost.' } })).described());
  });
}

container.on('message', ({ receiver, message, delivery, format }) => {
  const address = receiver.target.address;
  const queue = address === '$cbs' ? undefined : find(address);
  delivery.accept();
  if (address === '$cbs') {
    // The client has forgotten its request if the answer comes before the request is settled.
    setImmediate(() => reply(message, { 'status-code': types.wrap_int(202), 'status-description': 'Accepted' }));
  } else if (isManagement(address)) {
    setImmediate(() => manage(address, message));
  } else if (format === BATCH) {
    const { body } = codec.decode(message);
    for (const one of body.multiple ? body.content : [body.content]) take(queue, codec.decode(one));
  } else {
    take(queue, message);
  }
});

for (const trouble of ['error', 'connection_error', 'session_error', 'protocol_error', 'receiver_error', 'sender_error']) {
  container.on(trouble, (context) => console.error(trouble, context.message ?? context.error ?? ''));
}

process.stdout.on('error', () => {});
process.stdin.on('end', () => process.exit(0)).resume();
const server = container.listen({
  // Without delay, or what is written in two pieces waits 40 ms for the other side's acknowledgement.
  port: Number(options.port), host: '127.0.0.1', noDelay: true, max_frame_size: 65536,
  receiver_options: { autoaccept: false }, sender_options: { treat_modified_as_released: false },
});
server.on('error', (error) => { console.error(error.message); process.exit(1); });
server.on('listening', () => console.log(`listening on ${server.address().port}`));
