using Funion.Contracts;
using Funion.Mixing;
using Funion.Verification;

namespace Funion.Tests.Verification;

public sealed class SampleDrawsTests : IDisposable
{
    readonly string _root = Path.Combine(Directory.CreateTempSubdirectory("funion-draws-").FullName, "samples");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    [Fact]
    public void Nothing_is_drawn_twice_whatever_process_draws_and_dies()
    {
        SamplePool one = Pools.Of(20, 30), two = Pools.Of(10, 15, from: 100);
        HashSet<string> seen = [];
        for (int round = 0; round < 5; round++)
        {
            // A process of its own each time, which dies as soon as it has drawn.
            Assert.Equal(DrawOutcome.Drawn, new SampleDraws(_root).TryDraw([one, two], 6, [one, two], 9, RandomSource.System, out SampleDraw? draw));
            Assert.Equal((6, 9), (draw!.Certified.Count, draw.Labelled.Count));
            Assert.All(draw.Certified.Select(sample => sample.Input).Concat(draw.Labelled.Select(sample => sample.Input)), input => Assert.True(seen.Add(Convert.ToHexString(input.Span))));
        }
        Assert.Equal(DrawOutcome.TooFew, new SampleDraws(_root).TryDraw([one, two], 1, [], 0, RandomSource.System, out SampleDraw? none));
        Assert.Null(none);
        Assert.Equal((0, 0), new SampleDraws(_root).Left([one, two]));
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        foreach (string note in Directory.GetFiles(_root).Where(file => Path.GetFileName(file) != "lock"))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(note));
        }
    }

    /// <summary>A provider knows what it has seen, whatever file it was drawn from, and as whatever it was asked.</summary>
    [Fact]
    public void A_sample_that_lies_in_several_pools_or_in_both_sets_is_drawn_once()
    {
        SamplePool one = Pools.Of(6, 0, tolerance: new Tolerance(0, 0.5)), wider = Pools.Of(8, 0);
        wider = wider with { Promised = 0.9, Labelled = [.. wider.Certified.Select((sample, i) => (sample.Input, i)), (wider.Certified[0].Input, 0)] };
        SampleDraws draws = new(_root);
        Assert.Equal(DrawOutcome.Drawn, draws.TryDraw([one], 6, [], 0, RandomSource.System, out SampleDraw? first));
        Assert.All(first!.Certified, sample => Assert.Equal(0.5, sample.Slack));
        Assert.Equal((2, 2), draws.Left([wider]));
        Assert.Equal((2, 2), draws.Left([one, wider]));
        Assert.Equal(DrawOutcome.TooFew, draws.TryDraw([one, wider], 3, [], 0, RandomSource.System, out _));
        Assert.Equal(DrawOutcome.TooFew, draws.TryDraw([one, wider], 1, [wider], 2, RandomSource.System, out _));
        Assert.Equal(DrawOutcome.Drawn, draws.TryDraw([one, wider], 1, [wider], 1, RandomSource.System, out SampleDraw? second));
        Assert.False(second!.Certified[0].Input.Span.SequenceEqual(second.Labelled[0].Input.Span));
        Assert.Equal(0, second.Certified[0].Slack);
        Assert.Equal((0, 0), draws.Left([wider]));
        // The other mode's provider has not seen them.
        Assert.Equal(DrawOutcome.Drawn, draws.TryDraw([Pools.Of(8, 0) with { Form = SampleForm.TwoParty }], 8, [], 0, RandomSource.System, out _));
    }

    [Fact]
    public void Every_sample_is_as_likely()
    {
        SamplePool pool = Pools.Of(8, 0);
        int[] drawn = new int[8];
        SeededRandom random = new(5);
        for (int i = 0; i < 400; i++)
        {
            string root = Path.Combine(_root, $"{i}");
            new SampleDraws(root).TryDraw([pool], 2, [], 0, random, out SampleDraw? draw);
            foreach ((ReadOnlyMemory<byte> input, _, _) in draw!.Certified)
            {
                drawn[Enumerable.Range(0, 8).Single(at => pool.Certified[at].Input.Span.SequenceEqual(input.Span))]++;
            }
        }
        // 100 each, 9 of standard deviation.
        Assert.All(drawn, count => Assert.InRange(count, 60, 140));
    }

    [Fact]
    public void Too_few_take_none_and_a_folder_in_use_takes_none()
    {
        SamplePool pool = Pools.Of(4, 4);
        SampleDraws draws = new(_root);
        Assert.Equal(DrawOutcome.TooFew, draws.TryDraw([pool], 3, [pool], 5, RandomSource.System, out _));
        Assert.Equal((4, 4), draws.Left([pool]));
        using (Funion.Client.FolderLock.TryTake(_root))
        {
            Assert.Equal(DrawOutcome.Busy, draws.TryDraw([pool], 1, [pool], 1, RandomSource.System, out _));
        }
        Assert.Equal(DrawOutcome.Drawn, draws.TryDraw([pool], 1, [pool], 1, RandomSource.System, out _));
        Assert.Equal((3, 3), draws.Left([pool]));
    }

    [Fact]
    public void A_note_that_is_damaged_or_that_others_may_write_draws_nothing()
    {
        SamplePool pool = Pools.Of(4, 4);
        SampleDraws draws = new(_root);
        draws.TryDraw([pool], 1, [pool], 1, RandomSource.System, out _);
        string note = Path.Combine(_root, $"{pool.Model}-{pool.Form}");
        byte[] sound = File.ReadAllBytes(note);
        for (int at = 0; at < sound.Length; at++)
        {
            byte[] spoilt = [.. sound];
            spoilt[at] ^= 1;
            File.WriteAllBytes(note, spoilt);
            Assert.Equal(DrawOutcome.Damaged, draws.TryDraw([pool], 1, [], 0, RandomSource.System, out _));
            Assert.Null(draws.Left([pool]));
        }
        File.WriteAllBytes(note, sound);
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        File.SetUnixFileMode(note, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        Assert.Equal(DrawOutcome.Damaged, draws.TryDraw([pool], 1, [], 0, RandomSource.System, out _));
    }

    [Fact]
    public void Misuse_throws()
    {
        SamplePool pool = Pools.Of(4, 4);
        SampleDraws draws = new(_root);
        Assert.Throws<ArgumentException>(() => draws.TryDraw([pool], 1, [Pools.Of(2, 2) with { Form = SampleForm.TwoParty }], 1, RandomSource.System, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => draws.TryDraw([pool], -1, [], 1, RandomSource.System, out _));
    }
}
