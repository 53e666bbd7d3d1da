using FsCheck;
using FsCheck.Fluent;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Tests.Private.Transfer;

/// <summary>Products, squares and triples from transfers.</summary>
public sealed class ProductTests
{
    readonly Random _random = new(20260704);

    [Fact]
    public void Shares_add_up_to_the_product_at_every_width()
    {
        Prop.ForAll(Gen.Choose(1, 64).ToArbitrary(), width =>
        {
            Batch batch = new(this, new ProductGeometry(width, 9));
            ulong[] factors = [.. Enumerable.Range(0, 9).Select(_ => (ulong)_random.NextInt64() << (_random.Next(2) * 32))];
            ulong[] ours = new ulong[9], theirs = new ulong[9], random = new ulong[9];
            byte[] message = new byte[batch.Geometry.MessageSize];
            ProductTransfer.Send(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero, factors, message, ours);
            Assert.Equal(TransferOutcome.Taken, ProductTransfer.Receive(batch.Geometry, batch.Session, 1, batch.Choices, batch.Chosen, message, random, theirs));
            ulong mask = ulong.MaxValue >> (64 - width);
            return Enumerable.Range(0, 9).All(i => random[i] <= mask && (unchecked(ours[i] + theirs[i]) & mask) == (unchecked(factors[i] * random[i]) & mask));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    [InlineData(64)]
    public void A_square_pair_squares_a_shared_value(int width)
    {
        const int Count = 300;
        ulong mask = ulong.MaxValue >> (64 - width);
        Batch batch = new(this, SquarePairs.Geometry(width, Count));
        byte[] message = new byte[batch.Geometry.MessageSize];
        ulong[] a = new ulong[Count], b = new ulong[Count], squareA = new ulong[Count], squareB = new ulong[Count];
        SquarePairs.Send(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero, message, a, squareA);
        Assert.Equal(TransferOutcome.Taken, SquarePairs.Receive(batch.Geometry, batch.Session, 1, batch.Choices, batch.Chosen, message, b, squareB));
        Assert.Contains(a, value => value >> (width - 1) != 0);
        Assert.Contains(b, value => value >> (width - 1) != 0);
        for (int i = 0; i < Count; i++)
        {
            unchecked
            {
                ulong sum = a[i] + b[i];
                Assert.Equal((sum * sum) & mask, (squareA[i] + squareB[i]) & mask);
                ulong x = (ulong)_random.NextInt64(), opened = (x - sum) & mask;
                ulong ours = SquarePairs.Square(width, opened, a[i], squareA[i], isSender: true), theirs = SquarePairs.Square(width, opened, b[i], squareB[i], isSender: false);
                Assert.Equal((x * x) & mask, (ours + theirs) & mask);
            }
        }
    }

    /// <summary>A sender that brings its share of x for its a: the receiver's share less its a is all that has to be opened.</summary>
    [Fact]
    public void A_square_pair_for_a_share_that_the_sender_has_opens_one_word()
    {
        const int Count = 100;
        Batch batch = new(this, SquarePairs.Geometry(32, Count));
        byte[] message = new byte[batch.Geometry.MessageSize];
        ulong[] mine = [.. Enumerable.Range(0, Count).Select(_ => (ulong)_random.NextInt64())], a = new ulong[Count], ours = new ulong[Count], theirs = new ulong[Count];
        SquarePairs.SendFor(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero, message, mine, ours);
        Assert.Equal(TransferOutcome.Taken, SquarePairs.Receive(batch.Geometry, batch.Session, 1, batch.Choices, batch.Chosen, message, a, theirs));
        for (int i = 0; i < Count; i++)
        {
            unchecked
            {
                ulong share = (uint)_random.NextInt64(), opened = share - a[i], x = mine[i] + share;
                ulong square = SquarePairs.Square(32, opened, mine[i], ours[i], isSender: true) + SquarePairs.Square(32, opened, a[i], theirs[i], isSender: false);
                Assert.Equal((uint)(x * x), (uint)square);
            }
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public void A_triple_is_a_product_of_shared_factors(int width)
    {
        const int Count = 100;
        ulong mask = ulong.MaxValue >> (64 - width);
        Batch batch = new(this, Triples.Geometry(width, Count));
        byte[] message = new byte[batch.Geometry.MessageSize];
        ulong[][] ours = [new ulong[Count], new ulong[Count], new ulong[Count]], theirs = [new ulong[Count], new ulong[Count], new ulong[Count]];
        Triples.Send(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero, message, ours[0], ours[1], ours[2]);
        Assert.Equal(
            TransferOutcome.Taken, Triples.Receive(batch.Geometry, batch.Session, 1, batch.Choices, batch.Chosen, message, theirs[0], theirs[1], theirs[2]));
        for (int i = 0; i < Count; i++)
        {
            unchecked
            {
                Assert.Equal(((ours[0][i] + theirs[0][i]) * (ours[1][i] + theirs[1][i])) & mask, (ours[2][i] + theirs[2][i]) & mask);
            }
        }
    }

    /// <summary>183 and 382 bytes at l = 32 with SoftSpoken, as the documentation says.</summary>
    [Fact]
    public void Bytes_of_a_pair_and_of_a_triple_are_those_of_the_documentation()
    {
        ProductGeometry pairs = SquarePairs.Geometry(32, 2_048), triples = Triples.Geometry(32, 1_024);
        Assert.Equal(2_048 * 31 * 32 / 2 / 8, pairs.MessageSize);
        Assert.Equal(2_048 * 32 * 33 / 2 / 8, triples.MessageSize);
        Assert.InRange((TransferGeometry.SoftSpoken.ExtensionSize(pairs.Transfers) + pairs.MessageSize) / 2_048.0, 182.5, 184.5);
        Assert.InRange((TransferGeometry.SoftSpoken.ExtensionSize(triples.Transfers) + triples.MessageSize) / 1_024.0, 381.5, 385);
    }

    [Fact]
    public void A_message_of_another_size_is_refused_and_one_of_another_place_gives_noise()
    {
        Batch batch = new(this, SquarePairs.Geometry(32, 50));
        byte[] message = new byte[batch.Geometry.MessageSize];
        ulong[] a = new ulong[50], b = new ulong[50], squareA = new ulong[50], squareB = new ulong[50];
        SquarePairs.Send(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero, message, a, squareA);
        foreach (byte[] bad in (byte[][])[[], message[..^1], [.. message, 0]])
        {
            Assert.Equal(TransferOutcome.WrongSize, SquarePairs.Receive(batch.Geometry, batch.Session, 1, batch.Choices, batch.Chosen, bad, b, squareB));
            Assert.All(b.Concat(squareB), value => Assert.Equal(0UL, value));
        }
        Assert.Equal(TransferOutcome.Taken, SquarePairs.Receive(batch.Geometry, batch.Session, 2, batch.Choices, batch.Chosen, message, b, squareB));
        Assert.DoesNotContain(Enumerable.Range(0, 50), i => unchecked((uint)((a[i] + b[i]) * (a[i] + b[i])) == (uint)(squareA[i] + squareB[i])));
    }

    [Fact]
    public void A_message_of_another_kind_gives_noise()
    {
        Batch batch = new(this, new ProductGeometry(32, 20));
        byte[] message = new byte[batch.Geometry.MessageSize];
        ulong[] factors = [.. Enumerable.Range(1, 20).Select(i => (ulong)i)], ours = new ulong[20], theirs = new ulong[20], random = new ulong[20];
        ProductTransfer.Send(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero, factors, message, ours);
        ProductGeometry other = new(32, 20) { Kind = ProductKind.Triple };
        Assert.Equal(TransferOutcome.Taken, ProductTransfer.Receive(other, batch.Session, 1, batch.Choices, batch.Chosen, message, random, theirs));
        Assert.DoesNotContain(Enumerable.Range(0, 20), i => unchecked((uint)(ours[i] + theirs[i]) == (uint)(factors[i] * random[i])));
    }

    [Fact]
    public void Misuse_is_a_programming_error()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProductGeometry(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProductGeometry(65, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProductGeometry(32, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProductGeometry(32, 32_769));
        Assert.Throws<ArgumentOutOfRangeException>(() => SquarePairs.Geometry(1, 1));
        Batch batch = new(this, new ProductGeometry(8, 2));
        ulong[] two = new ulong[2], one = new ulong[1];
        byte[] message = new byte[batch.Geometry.MessageSize];
        Assert.Throws<ArgumentOutOfRangeException>(() => ProductTransfer.Send(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero.AsSpan(1), two, message, two));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProductTransfer.Send(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero, one, message, two));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProductTransfer.Send(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero, two, message.AsSpan(1), two));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProductTransfer.Send(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero, two, message, one));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProductTransfer.Receive(batch.Geometry, batch.Session, 1, new byte[1], batch.Chosen, message, two, two));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProductTransfer.Receive(batch.Geometry, batch.Session, 1, batch.Choices, batch.Chosen.AsSpan(1), message, two, two));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProductTransfer.Receive(batch.Geometry, batch.Session, 1, batch.Choices, batch.Chosen, message, one, two));
        Assert.Throws<ArgumentOutOfRangeException>(() => Triples.Send(batch.Geometry, batch.Session, 1, batch.Delta, batch.Zero, message, two, two, two));
    }

    sealed class Batch
    {
        public Batch(ProductTests tests, ProductGeometry geometry)
        {
            Geometry = geometry;
            (CorrelatedSender sender, CorrelatedReceiver receiver) = Dealer.Deal(TransferGeometry.SoftSpoken, tests._random);
            (Zero, Choices, Chosen) = Dealer.Extend(sender, receiver, TransferGeometry.SoftSpoken, geometry.Transfers);
            (Delta, Session) = (sender.Delta, sender.Transcript);
            sender.Dispose();
            receiver.Dispose();
        }

        public ProductGeometry Geometry { get; }

        public Bytes32 Session { get; }

        public Label Delta { get; }

        public Label[] Zero { get; }

        public byte[] Choices { get; }

        public Label[] Chosen { get; }
    }
}
