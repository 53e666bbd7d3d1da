using Funion.Private.Protocol;
using Funion.Tests.Private.Protocol;

namespace Funion.Tests.Fuzzing;

/// <summary>What the two parties of private inference read before they know each other, and of their own disks.</summary>
static class ProtocolFuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } = [.. Wire(), .. Disk()];

    static IEnumerable<FuzzTarget> Wire()
    {
        Bytes32 digest = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]), name = new([.. Enumerable.Range(100, 32).Select(i => (byte)i)]);
        byte[][] offers =
        [
            new Offer(Offer.CurrentVersion, ProtocolPhase.Offline, 24, TransferKind.Iknp, ChannelKind.Direct, digest, name).ToBytes(),
            new Offer(Offer.CurrentVersion, ProtocolPhase.Offline, 24, TransferKind.SoftSpoken, ChannelKind.Direct, digest, name, 7).ToBytes(),
            new Offer(Offer.CurrentVersion, ProtocolPhase.Online, 32, TransferKind.SoftSpoken, ChannelKind.Anonymous, digest, name).ToBytes(),
        ];
        yield return new("offer", typeof(Offer), offers, bytes =>
            Offer.TryRead(bytes) is { } offer && (offer.ToBytes().AsSpan().SequenceEqual(bytes) ? true : throw new InvalidOperationException("Not written as it was read.")));
        byte[] message = [5, 0, 0, 0, (byte)MessageKind.Input, 0, 0, 0, 0, 1, 2, 3, 4, 5];
        yield return new("message on a channel", typeof(StreamChannel), [message], bytes =>
        {
            StreamChannel channel = new(new MemoryStream(bytes), ChannelKind.Direct);
            ValueTask<ProtocolOutcome> received = channel.ReceiveAsync(MessageKind.Input, new byte[5], default);
            return received.IsCompleted && received.Result == ProtocolOutcome.Done;
        });
    }

    static IEnumerable<FuzzTarget> Disk()
    {
        byte[] key = new byte[32];
        using MemoryStream file = new();
        MaterialFile.Write(file, key, [[1, 2, 3], [], [4, 5]]);
        yield return new("material at rest", typeof(MaterialFile), [file.ToArray()], bytes =>
        {
            using MemoryStream copy = new(bytes);
            return MaterialFile.TryRead(copy, key, (_, _) => true);
        });
        ProtocolPlan plan = new TwoPartyClient(TwoParties.Tiny()).Plan;
        byte[] header = [1, 1, 4, .. plan.Digest.AsSpan(), .. new byte[32]];
        yield return new("header of material", typeof(MaterialParts), [header], bytes => MaterialParts.TryRead(bytes, plan, client: true) is not null);
    }
}
