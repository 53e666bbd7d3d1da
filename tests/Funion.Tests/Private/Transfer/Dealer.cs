using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Tests.Private.Transfer;

/// <summary>Sessions of correlated transfer, with base transfers or, where those are not the point and would take a second, with seeds that a dealer drew.</summary>
static class Dealer
{
    public static Bytes32 Session(int number)
    {
        byte[] bytes = new byte[Bytes32.Size];
        BitConverter.TryWriteBytes(bytes, number);
        return new Bytes32(bytes);
    }

    public static (CorrelatedSender Sender, CorrelatedReceiver Receiver) Deal(TransferGeometry geometry, Random random, int session = 1)
    {
        byte[] leaves = new byte[geometry.Trees * geometry.Leaves * 16], delta = new byte[16];
        random.NextBytes(leaves);
        random.NextBytes(delta);
        delta[15] |= 0x80;
        return (new CorrelatedSender(Session(session), geometry, delta, leaves), new CorrelatedReceiver(Session(session), geometry, leaves));
    }

    public static (CorrelatedSender Sender, CorrelatedReceiver Receiver) Open(TransferGeometry geometry, int session = 1)
    {
        CorrelatedSender sender = new(Session(session), geometry);
        CorrelatedReceiver receiver = new(Session(session), geometry);
        byte[] reply = new byte[geometry.OpenSize];
        Assert.Equal(TransferOutcome.Taken, receiver.Open(sender.Choose, reply));
        Assert.Equal(TransferOutcome.Taken, sender.Open(reply));
        return (sender, receiver);
    }

    /// <summary>One extension, honestly: K₀, and the receiver's bits and labels.</summary>
    public static (Label[] Zero, byte[] Choices, Label[] Chosen) Extend(
        CorrelatedSender sender, CorrelatedReceiver receiver, TransferGeometry geometry, int transfers)
    {
        byte[] message = new byte[geometry.ExtensionSize(transfers)], choices = new byte[TransferGeometry.ChoicesSize(transfers)];
        Label[] zero = new Label[transfers], chosen = new Label[transfers];
        receiver.Extend(transfers, message, choices, chosen);
        Assert.Equal(TransferOutcome.Taken, sender.Extend(message, zero));
        return (zero, choices, chosen);
    }

    public static bool Bit(byte[] bits, int index) => (bits[index / 8] >> (index % 8) & 1) != 0;

    public static Label Random() => Vector128.Create<byte>(RandomNumberGenerator.GetBytes(16));
}
