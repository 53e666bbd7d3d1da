using System.Buffers.Binary;
using Funion.Client;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Verification;

/// <summary>
/// Draws samples without replacement, for all processes of a user: one that a provider has seen may be known to it, whatever files it lies in. A draw is noted before it is
/// used, so a process that is killed loses samples and never uses one twice; a loss of power may bring the last draw back.
/// <code>
/// ROOT/lock                <see cref="FolderLock"/>
/// ROOT/MODEL-FORM          1 u8 ‖ the first 16 bytes of BLAKE2b-256 of each input that was drawn; owner only, with a sum
/// </code>
/// </summary>
/// <param name="root">A folder of the user's, made when it is not there.</param>
public sealed class SampleDraws(string root)
{
    /// <summary>Samples of one model and form that are ever drawn, at most.</summary>
    public const int MostDrawn = 1 << 20;

    const byte Version = 1;
    const int NameSize = 16;

    /// <summary>Draws from several pools as if they were one. A sample that lies in two of them, or in both sets, is one.</summary>
    /// <param name="certifying">Pools of one model and form.</param>
    /// <param name="certified">How many certified samples, from these.</param>
    /// <param name="labelling">Pools of the same model and form.</param>
    /// <param name="labelled">How many labelled ones, from these.</param>
    /// <param name="random">Draws.</param>
    /// <param name="draw">Not null exactly when they are drawn.</param>
    /// <exception cref="ArgumentException">The pools are of several models or forms.</exception>
    public DrawOutcome TryDraw(
        IReadOnlyList<SamplePool> certifying, int certified, IReadOnlyList<SamplePool> labelling, int labelled, RandomSource random, out SampleDraw? draw)
    {
        ArgumentNullException.ThrowIfNull(certifying);
        ArgumentNullException.ThrowIfNull(labelling);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegative(certified);
        ArgumentOutOfRangeException.ThrowIfNegative(labelled);
        draw = null;
        string path = PathOf([.. certifying, .. labelling]);
        using FileStream? held = TryLock();
        if (held is null)
        {
            return DrawOutcome.Busy;
        }
        if (TryRead(path) is not { } drawn)
        {
            return DrawOutcome.Damaged;
        }
        (ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, double)[]? certain = Choose(
            certifying.SelectMany(pool => pool.Certified.Select(sample => (sample.Input, sample.Output, pool.Tolerance.Slack))), sample => sample.Input, drawn, certified, random);
        (ReadOnlyMemory<byte>, int)[]? known = Choose(labelling.SelectMany(pool => pool.Labelled), sample => sample.Input, drawn, labelled, random);
        if (certain is null || known is null)
        {
            return DrawOutcome.TooFew;
        }
        if (drawn.Count > MostDrawn || !TryWrite(path, drawn))
        {
            return DrawOutcome.Unwritable;
        }
        draw = new SampleDraw(certain, known);
        return DrawOutcome.Drawn;
    }

    /// <summary>How many of some pools' samples were never drawn, each counted once in its set; null when that is not known.</summary>
    public (int Certified, int Labelled)? Left(IReadOnlyList<SamplePool> pools)
    {
        ArgumentNullException.ThrowIfNull(pools);
        return pools.Count == 0 ? (0, 0) : TryRead(PathOf(pools)) is { } drawn
            ? (Count(pools.SelectMany(pool => pool.Certified.Select(sample => sample.Input))), Count(pools.SelectMany(pool => pool.Labelled.Select(sample => sample.Input))))
            : null;

        int Count(IEnumerable<ReadOnlyMemory<byte>> inputs) => inputs.Select(NameOf).Distinct().Count(name => !drawn.Contains(name));
    }

    internal static HashSet<UInt128>? TryParse(ReadOnlyMemory<byte> body)
    {
        WireReader reader = new(body);
        if (reader.Byte() != Version || reader.Failed || reader.Remaining % NameSize != 0)
        {
            return null;
        }
        HashSet<UInt128> drawn = [];
        while (reader.Remaining > 0)
        {
            drawn.Add(BinaryPrimitives.ReadUInt128BigEndian(reader.Bytes(NameSize).Span));
        }
        return drawn;
    }

    string PathOf(IReadOnlyList<SamplePool> pools)
    {
        string[] names = [.. pools.Select(pool => $"{pool.Model}-{pool.Form}").Distinct()];
        return names is [{ } only] ? Path.Combine(root, only) : throw new ArgumentException("Samples are drawn for one model in one form.", nameof(pools));
    }

    FileStream? TryLock()
    {
        try
        {
            Directory.CreateDirectory(root);
            return FolderLock.TryTake(root);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static HashSet<UInt128>? TryRead(string path)
    {
        HashSet<UInt128>? drawn = null;
        KeyFileOutcome outcome = SecretFile.Read(path, body => (drawn = TryParse(body)) is not null, 2 * NameSize * MostDrawn);
        // One that cannot be read is not one that was never written.
        return drawn ?? (outcome == KeyFileOutcome.Missing && !File.Exists(path) ? [] : null);
    }

    /// <summary>So many that were not drawn, each as likely, which are then among those that were; null: there are fewer.</summary>
    static T[]? Choose<T>(IEnumerable<T> set, Func<T, ReadOnlyMemory<byte>> input, HashSet<UInt128> drawn, int count, RandomSource random)
    {
        (UInt128 Name, T Sample)[] left = count == 0 ? [] : [.. set.Select(sample => (NameOf(input(sample)), sample)).DistinctBy(one => one.Item1).Where(one => !drawn.Contains(one.Item1))];
        if (left.Length < count)
        {
            return null;
        }
        for (int i = 0; i < count; i++)
        {
            int other = i + random.Below(left.Length - i);
            (left[i], left[other]) = (left[other], left[i]);
            drawn.Add(left[i].Name);
        }
        return [.. left.Take(count).Select(one => one.Sample)];
    }

    static UInt128 NameOf(ReadOnlyMemory<byte> input)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Blake2b.Hash256(input.Span, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash[..NameSize]);
    }

    static bool TryWrite(string path, HashSet<UInt128> drawn)
    {
        byte[] body = new byte[1 + (NameSize * drawn.Count)];
        body[0] = Version;
        int at = 1;
        foreach (UInt128 name in drawn)
        {
            BinaryPrimitives.WriteUInt128BigEndian(body.AsSpan(at), name);
            at += NameSize;
        }
        try
        {
            SecretFile.Write(path, body);
            return true;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
