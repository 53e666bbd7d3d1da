using System.Buffers.Binary;
using Funion.Cryptography;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Verification;

namespace Funion.Tests.Verification;

public sealed class SamplePoolTests
{
    [Fact]
    public void A_pool_is_read_as_it_was_written()
    {
        SamplePool pool = Pools.Of(3, 5, tolerance: new Tolerance(0.25, 0.5));
        byte[] bytes = pool.ToBytes();
        Assert.Equal(SamplePoolOutcome.Read, SamplePool.TryRead(bytes, out SamplePool? read));
        Assert.Equal(bytes, read!.ToBytes());
        Assert.Equal((pool.Model, pool.Form, pool.Promised, pool.Tolerance, pool.Licence), (read.Model, read.Form, read.Promised, read.Tolerance, read.Licence));
        Assert.Equal(pool.Labelled.Select(sample => sample.Label), read.Labelled.Select(sample => sample.Label));
        Assert.Equal(pool.Digest, read.Digest);
        Assert.NotEqual(pool.Digest, Pools.Of(3, 5, from: 1).Digest);
    }

    [Fact]
    public void Every_flipped_bit_is_damage_and_what_is_no_pool_says_so()
    {
        byte[] bytes = Pools.Of(1, 1).ToBytes();
        for (int bit = 0; bit < 8 * bytes.Length; bit++)
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Contains(SamplePool.TryRead(flipped, out SamplePool? none), (SamplePoolOutcome[])[SamplePoolOutcome.Damaged, SamplePoolOutcome.NoPool]);
            Assert.Null(none);
        }
        Assert.Equal(SamplePoolOutcome.NoPool, SamplePool.TryRead(default, out _));
        Assert.Equal(SamplePoolOutcome.Missing, SamplePool.TryLoad("/there/is/none", out _));
    }

    [Fact]
    public void A_sum_that_is_right_over_nonsense_is_malformed()
    {
        byte[] body = Pools.Of(2, 2).ToBytes()[..^32];
        int promised = 17 + 32 + 1, licence = promised + 24;
        foreach (Action<byte[]> spoil in (Action<byte[]>[])
            [
                bytes => bytes[promised - 1] = 9, bytes => BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(promised), double.NaN),
                bytes => BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(promised), 1), bytes => BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(promised + 8), -1),
                bytes => BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(promised + 16), double.PositiveInfinity), bytes => bytes[licence + 2] = 0xff,
                bytes => bytes[^1]++, bytes => bytes[^8] = 0x80,
            ])
        {
            byte[] spoilt = [.. body];
            spoil(spoilt);
            byte[] sum = new byte[32];
            Blake2b.Hash256(spoilt, sum);
            SamplePoolOutcome outcome = SamplePool.TryRead((byte[])[.. spoilt, .. sum], out SamplePool? pool);
            // A label may be any number.
            Assert.True(outcome == SamplePoolOutcome.Malformed || pool!.Labelled[^1].Label == 2, outcome.ToString());
        }
    }

    [Fact]
    public void What_has_other_names_types_or_shapes_than_the_samples_does_not_fit()
    {
        SamplePool pool = Pools.Of(2, 2);
        Assert.True(pool.Fits(Pools.Input(9, 9)));
        Assert.False(pool.Fits(Pools.Input(9, 9, 9)));
        Assert.False(pool.Fits(TensorCodec.Encode([Tensor.Of("x", [2, 1], [9, 9])])));
        Assert.False(pool.Fits(TensorCodec.Encode([Tensor.Of("z", [1, 2], [9, 9])])));
        Assert.False(pool.Fits(new byte[pool.Certified[0].Input.Length]));
    }

    [Fact]
    public void Misuse_throws()
    {
        SamplePool good = Pools.Of(2, 2);
        foreach (SamplePool bad in (SamplePool[])
            [
                good with { Certified = [], Labelled = [] }, good with { Promised = 0 }, good with { Promised = 1 }, good with { Labelled = [] },
                good with { Certified = [good.Certified[0], (Pools.Input(1, 2, 3), good.Certified[0].Output)] },
                good with { Labelled = [(good.Labelled[0].Input, -1)] }, good with { Tolerance = new Tolerance(-1, 0) },
                good with { Form = SampleForm.TwoParty, Tolerance = new Tolerance(0, 0.1) }, good with { Form = SampleForm.TwoParty, Tolerance = new Tolerance(0.1, 0) }, good with { Licence = new string('x', 5_000) },
            ])
        {
            Assert.Throws<InvalidOperationException>(bad.ToBytes);
        }
    }

    [Fact]
    public void Digits_that_are_drawn_for_a_model_are_certified_by_it_and_two_pools_share_none()
    {
        using ModelRunner runner = ModelRunner.Load(DigitModel.File());
        SamplePool pool = DigitSamples.Make(runner, 40, 100), other = DigitSamples.Make(runner, 40, 100);
        Assert.Equal(Convert.ToHexStringLower(pool.Model.AsSpan()), runner.Sha256);
        Assert.InRange(pool.Certified.Count, 30, 40);
        Assert.InRange(pool.Promised, 0.95, 0.9999);
        foreach ((ReadOnlyMemory<byte> input, ReadOnlyMemory<byte> output) in pool.Certified)
        {
            byte[] again = TensorCodec.Encode(runner.RunDirect(TensorCodec.TryParse(input)!));
            Assert.True(pool.Tolerance.Matches(again, output));
            byte[] moved = TensorCodec.Encode(runner.RunDirect(TensorCodec.TryParse(pool.Tolerance.Disguise(input, new Contracts.SeededRandom(4)))!));
            Assert.True(pool.Tolerance.Matches(moved, output));
            Assert.NotEqual(again, moved);
            // Within the slack of it no other label is the highest.
            Assert.True(Labels.Margin(output) > 2 * pool.Tolerance.Slack);
        }
        Assert.Empty(pool.Certified.Select(sample => Convert.ToHexString(sample.Input.Span)).Intersect(other.Certified.Select(sample => Convert.ToHexString(sample.Input.Span))));
    }
}
