using System.Collections;
using Funion.Client;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Verification;

/// <summary>
/// Draws samples without replacement, for all processes of a user: one that a provider has seen may be known to it. A draw is noted before it is used, so a
/// process that is killed loses samples and never uses one twice; a loss of power may bring the last draw back.
/// <code>
/// ROOT/lock                <see cref="FolderLock"/>
/// ROOT/DIGEST              1 u8 ‖ bit for each certified sample ‖ bit for each labelled one; owner only, with a sum
/// </code>
/// </summary>
/// <param name="root">A folder of the user's, made when it is not there.</param>
public sealed class SampleDraws(string root)
{
    const byte Version = 1;

    /// <summary>Draws from several pools of one model as if they were one.</summary>
    /// <param name="pools">Pools, each once.</param>
    /// <param name="certified">How many certified samples.</param>
    /// <param name="labelled">How many labelled ones.</param>
    /// <param name="random">Draws.</param>
    /// <param name="draw">Not null exactly when they are drawn.</param>
    public DrawOutcome TryDraw(IReadOnlyList<SamplePool> pools, int certified, int labelled, RandomSource random, out SampleDraw? draw)
    {
        ArgumentNullException.ThrowIfNull(pools);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegative(certified);
        ArgumentOutOfRangeException.ThrowIfNegative(labelled);
        draw = null;
        string[] names = [.. pools.Select(pool => pool.Digest.ToString())];
        if (names.Distinct().Count() < names.Length)
        {
            throw new ArgumentException("A pool is there twice.", nameof(pools));
        }
        using FileStream? held = TryLock();
        if (held is null)
        {
            return DrawOutcome.Busy;
        }
        if (ReadNotes(pools, names) is not { } notes)
        {
            return DrawOutcome.Damaged;
        }
        (int Pool, int At)[]? certain = Choose(pools, notes, pool => (0, pool.Certified.Count), certified, random);
        (int Pool, int At)[]? known = Choose(pools, notes, pool => (pool.Certified.Count, pool.Labelled.Count), labelled, random);
        if (certain is null || known is null)
        {
            return DrawOutcome.TooFew;
        }
        if (!TryNote(pools, names, notes, certain, known))
        {
            return DrawOutcome.Unwritable;
        }
        draw = new SampleDraw([.. certain.Select(at => pools[at.Pool].Certified[at.At])], [.. known.Select(at => pools[at.Pool].Labelled[at.At])]);
        return DrawOutcome.Drawn;
    }

    /// <summary>How many were never drawn; null when that is not known.</summary>
    public (int Certified, int Labelled)? Left(SamplePool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return ReadNotes([pool], [pool.Digest.ToString()]) is [var note]
            ? (Enumerable.Range(0, pool.Certified.Count).Count(i => !note[i]), Enumerable.Range(pool.Certified.Count, pool.Labelled.Count).Count(i => !note[i]))
            : null;
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

    BitArray[]? ReadNotes(IReadOnlyList<SamplePool> pools, string[] names)
    {
        BitArray[] notes = new BitArray[pools.Count];
        for (int i = 0; i < notes.Length; i++)
        {
            int count = pools[i].Certified.Count + pools[i].Labelled.Count;
            BitArray? note = null;
            string path = Path.Combine(root, names[i]);
            KeyFileOutcome outcome = SecretFile.Read(path, body => (note = TryParse(body, count)) is not null);
            // One that cannot be read is not one that was never written.
            if (note is null && (outcome != KeyFileOutcome.Missing || File.Exists(path)))
            {
                return null;
            }
            notes[i] = note ?? new BitArray(count);
        }
        return notes;
    }

    internal static BitArray? TryParse(ReadOnlyMemory<byte> body, int count)
    {
        WireReader reader = new(body);
        bool known = reader.Byte() == Version;
        ReadOnlyMemory<byte> bits = reader.Bytes((count + 7) / 8);
        if (!known || reader.Failed || reader.Remaining > 0)
        {
            return null;
        }
        BitArray note = new(bits.ToArray()) { Length = count };
        return note;
    }

    /// <summary>So many that were not drawn, each as likely; null: there are fewer.</summary>
    static (int Pool, int At)[]? Choose(
        IReadOnlyList<SamplePool> pools, BitArray[] notes, Func<SamplePool, (int From, int Count)> set, int count, RandomSource random)
    {
        List<(int Pool, int At)> left = [];
        for (int pool = 0; pool < pools.Count; pool++)
        {
            (int from, int size) = set(pools[pool]);
            left.AddRange(Enumerable.Range(0, size).Where(at => !notes[pool][from + at]).Select(at => (pool, at)));
        }
        if (left.Count < count)
        {
            return null;
        }
        for (int i = 0; i < count; i++)
        {
            int other = i + random.Below(left.Count - i);
            (left[i], left[other]) = (left[other], left[i]);
        }
        return [.. left.Take(count)];
    }

    bool TryNote(IReadOnlyList<SamplePool> pools, string[] names, BitArray[] notes, (int Pool, int At)[] certain, (int Pool, int At)[] known)
    {
        foreach ((int pool, int at) in certain)
        {
            notes[pool][at] = true;
        }
        foreach ((int pool, int at) in known)
        {
            notes[pool][pools[pool].Certified.Count + at] = true;
        }
        try
        {
            foreach (int pool in certain.Concat(known).Select(at => at.Pool).Distinct())
            {
                byte[] body = new byte[1 + ((notes[pool].Count + 7) / 8)];
                body[0] = Version;
                notes[pool].CopyTo(body, 1);
                SecretFile.Write(Path.Combine(root, names[pool]), body);
            }
            return true;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
