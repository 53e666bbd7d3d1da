using System.Runtime.CompilerServices;
using System.Text;
using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>All that one party ever holds in its storage and its queues: names, values, messages.</summary>
sealed class PartyView
{
    public List<byte[]> Seen { get; } = [];

    public List<(string Queue, int Size)> Messages { get; } = [];

    public bool Contains(ReadOnlySpan<byte> needle)
    {
        byte[] bytes = needle.ToArray(), hex = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(needle));
        return Seen.Any(seen => seen.AsSpan().IndexOf(bytes) >= 0 || seen.AsSpan().IndexOf(hex) >= 0);
    }

    void Note(StoreKey key, ReadOnlyMemory<byte> value)
    {
        Seen.Add(Encoding.UTF8.GetBytes($"{key.Shelf}/{key.Epoch}/{key.Name}"));
        Seen.Add(value.ToArray());
    }

    void Note(string queue, ReadOnlyMemory<byte> message)
    {
        Seen.Add(message.ToArray());
        Messages.Add((queue, message.Length));
    }

    /// <summary>A store whose values the party sees.</summary>
    public sealed class Store(BoxStore inner, PartyView view) : BoxStore
    {
        public override ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
        {
            view.Note(key, value);
            return inner.PutIfAbsentAsync(key, value, cancellation);
        }

        public override ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation) => inner.GetAsync(key, cancellation);

        public override ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
            StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation)
        {
            view.Note(key, value);
            return inner.ReplaceIfUnchangedAsync(key, value, version, cancellation);
        }

        public override ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation) => inner.DeleteAsync(key, cancellation);

        public override IAsyncEnumerable<string> ListAsync(string shelf, long epoch, string prefix, CancellationToken cancellation) =>
            inner.ListAsync(shelf, epoch, prefix, cancellation);

        public override IAsyncEnumerable<long> ListEpochsAsync(string shelf, CancellationToken cancellation) => inner.ListEpochsAsync(shelf, cancellation);

        public override ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation) =>
            inner.DeleteEpochAsync(shelf, epoch, cancellation);
    }

    /// <summary>Queues whose messages the party sees.</summary>
    public sealed class Queue : PacketQueue
    {
        readonly PacketQueue _inner;
        readonly PartyView _view;

        public Queue(PacketQueue inner, PartyView view)
        {
            _inner = inner;
            _view = view;
            inner.Arrived += Ring;
        }

        public override ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellation)
        {
            _view.Note(queue, message);
            return _inner.EnqueueAsync(queue, message, delay, cancellation);
        }

        public override ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(string queue, int most, TimeSpan lease, CancellationToken cancellation) =>
            _inner.ReceiveAsync(queue, most, lease, cancellation);

        public override ValueTask CompleteAsync(Delivery delivery, CancellationToken cancellation) => _inner.CompleteAsync(delivery, cancellation);

        public override ValueTask AbandonAsync(Delivery delivery, CancellationToken cancellation) => _inner.AbandonAsync(delivery, cancellation);

        public override ValueTask<int> CountAsync(string queue, CancellationToken cancellation) => _inner.CountAsync(queue, cancellation);

        public override DateTimeOffset? NextVisible(string queue) => _inner.NextVisible(queue);
    }
}
