using System.Text;
using System.Text.Unicode;
using Funion.Client;
using Funion.Cryptography;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Verification;

/// <summary>
/// Queries that wait for a round of many, in which one costs little. One file for each model and form, so that what becomes of a round becomes of all its
/// queries at once, whatever process dies when:
/// <code>
/// ROOT/lock            <see cref="FolderLock"/>, for a moment
/// ROOT/checking/lock   the same, for a round
/// ROOT/MODEL-FORM      1 u8 ‖ count u16 ‖ count × ( id 16 ‖ state u8 ‖ attempts u16 ‖ name length u16 ‖ name ‖ input length u32 ‖ input ‖ answer length u32 ‖ answer )
/// </code>
/// They are questions in the clear: readable by their owner only, and gone when their owner has the answer.
/// </summary>
/// <param name="root">Made when it is not there.</param>
/// <param name="model">SHA-256 of the model's file.</param>
/// <param name="form">Whose arithmetic answers are.</param>
public sealed class PendingQueries(string root, Bytes32 model, SampleForm form)
{
    /// <summary>Queries and bytes at most.</summary>
    public const int Most = VerificationPlan.MostQueries, MostBytes = 64 << 20;

    const byte Version = 1;

    string Path => System.IO.Path.Combine(root, $"{model}-{form}");

    /// <summary>A query as it is when it is new.</summary>
    public static PendingQuery New(string name, ReadOnlyMemory<byte> input)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Encoding.UTF8.GetByteCount(name), PendingQuery.MostName, nameof(name));
        return new PendingQuery(
            System.Security.Cryptography.RandomNumberGenerator.GetHexString(2 * PendingQuery.IdSize, lowercase: true), name, input, default, PendingState.Open, 0);
    }

    /// <summary>The right to run a round, of one process at a time; null while another has it.</summary>
    public IDisposable? TryBeginRound()
    {
        try
        {
            return FolderLock.TryTake(Directory.CreateDirectory(System.IO.Path.Combine(root, "checking")).FullName);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>All of them.</summary>
    public PendingOutcome TryRead(out IReadOnlyList<PendingQuery> queries) => TryChange(_ => null, out queries);

    /// <summary>Changes them all at once, and gives what there is afterwards.</summary>
    /// <param name="change">From what is there to what shall be; null: nothing changes.</param>
    /// <param name="queries">What is there now; empty unless it is done.</param>
    public PendingOutcome TryChange(Func<IReadOnlyList<PendingQuery>, IReadOnlyList<PendingQuery>?> change, out IReadOnlyList<PendingQuery> queries)
    {
        ArgumentNullException.ThrowIfNull(change);
        queries = [];
        try
        {
            Directory.CreateDirectory(root);
            using FileStream? held = FolderLock.TryTake(root);
            if (held is null)
            {
                return PendingOutcome.Busy;
            }
            IReadOnlyList<PendingQuery>? there = null;
            KeyFileOutcome outcome = SecretFile.Read(Path, body => (there = TryParse(body.ToArray())) is not null, MostBytes);
            if (there is null && (outcome != KeyFileOutcome.Missing || File.Exists(Path)))
            {
                return PendingOutcome.Damaged;
            }
            queries = there ?? [];
            if (change(queries) is not { } changed)
            {
                return PendingOutcome.Done;
            }
            // Half is kept for answers: a question that found its place has one for its answer, too.
            if (changed.Count > Most || Size(changed) > (changed.Count > queries.Count ? MostBytes / 2 : MostBytes - Blake2b.Size256))
            {
                queries = [];
                return PendingOutcome.Full;
            }
            if (changed.Count == 0)
            {
                File.Delete(Path);
            }
            else
            {
                SecretFile.Write(Path, ToBytes(changed));
            }
            queries = changed;
            return PendingOutcome.Done;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return PendingOutcome.Unwritable;
        }
    }

    static long Size(IReadOnlyList<PendingQuery> queries) => 3 + queries.Sum(query =>
        PendingQuery.IdSize + 5L + Encoding.UTF8.GetByteCount(query.Name) + 8 + query.Input.Length + query.Answer.Length);

    internal static byte[] ToBytes(IReadOnlyList<PendingQuery> queries)
    {
        byte[] body = new byte[Size(queries)];
        WireWriter writer = new(body);
        writer.Byte(Version);
        writer.UInt16(queries.Count);
        foreach (PendingQuery query in queries)
        {
            byte[] name = Encoding.UTF8.GetBytes(query.Name);
            writer.Bytes(Convert.FromHexString(query.Id));
            writer.Byte((byte)query.State);
            writer.UInt16(Math.Min(query.Attempts, ushort.MaxValue));
            writer.UInt16(name.Length);
            writer.Bytes(name);
            writer.Prefixed(query.Input.Span);
            writer.Prefixed(query.Answer.Span);
        }
        return body;
    }

    /// <summary>Null for anything that was not written here.</summary>
    internal static IReadOnlyList<PendingQuery>? TryParse(ReadOnlyMemory<byte> body)
    {
        WireReader reader = new(body);
        int version = reader.Byte(), count = reader.UInt16();
        List<PendingQuery> queries = [];
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            ReadOnlyMemory<byte> id = reader.Bytes(PendingQuery.IdSize);
            PendingState state = (PendingState)reader.Byte();
            int attempts = reader.UInt16();
            ReadOnlyMemory<byte> name = reader.Bytes(reader.UInt16()), input = reader.Prefixed(), answer = reader.Prefixed();
            if (reader.Failed || !Enum.IsDefined(state) || name.Length > PendingQuery.MostName || !Utf8.IsValid(name.Span))
            {
                return null;
            }
            queries.Add(new PendingQuery(Convert.ToHexStringLower(id.Span), Encoding.UTF8.GetString(name.Span), input, answer, state, attempts));
        }
        return version == Version && !reader.Failed && reader.Remaining == 0 ? queries : null;
    }
}
