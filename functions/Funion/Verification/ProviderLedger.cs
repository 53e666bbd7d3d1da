using System.Security.Cryptography;
using Funion.Client;
using Funion.Cryptography;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Verification;

/// <summary>
/// What a client learned of providers, over all sessions and processes, in a folder of its own:
/// <code>
/// ROOT/lock        <see cref="FolderLock"/>
/// ROOT/providers   1 u8 ‖ sequence i64 ‖ records ‖ MAC 32
/// ROOT/key         1 u8 ‖ sequence i64 ‖ key 32
/// </code>
/// Both are readable by their owner only, written whole or not at all, with a sum. Each write counts up; the records go first. So a ledger that was changed,
/// deleted or put back from an older day without the key is noticed. Whoever can write both files is the user, and is believed.
/// </summary>
/// <param name="root">Made when it is not there.</param>
public sealed class ProviderLedger(string root)
{
    /// <summary>Records at most: what the file's size allows.</summary>
    public const int MostRecords = 1_500;

    const byte Version = 1;
    const int KeySize = 32, MacSize = 32, RecordSize = (2 * Bytes32.Size) + (11 * sizeof(long)) + 1;

    /// <summary>All records.</summary>
    public LedgerOutcome TryRead(out IReadOnlyList<ProviderRecord> records)
    {
        records = [];
        using FileStream? held = TryLock(out LedgerOutcome outcome);
        if (held is null)
        {
            return outcome;
        }
        outcome = Read(out State? state);
        records = state?.Records ?? [];
        state?.Wipe();
        return outcome;
    }

    /// <summary>Notes that a round begins: one that never ends, because somebody saw to that, is seen by this.</summary>
    /// <param name="model">SHA-256 of the model's file.</param>
    /// <param name="providers">Who will be asked, each once.</param>
    public LedgerOutcome TryBegin(Bytes32 model, IReadOnlyList<Bytes32> providers)
    {
        ArgumentNullException.ThrowIfNull(providers);
        return TryChange(records =>
        {
            foreach (Bytes32 provider in providers)
            {
                int at = IndexOf(records, provider, model);
                records[at] = records[at] with { Begun = records[at].Begun + 1 };
            }
        });
    }

    /// <summary>Adds a round: what it says of each of the providers that were asked.</summary>
    /// <param name="model">SHA-256 of the model's file.</param>
    /// <param name="round">Providers, each once, and evidence of each.</param>
    /// <param name="aborted">Whether the round ended in an abort.</param>
    /// <param name="promised">The accuracy that the labelled samples promise.</param>
    public LedgerOutcome TryRecord(Bytes32 model, IReadOnlyList<(Bytes32 Provider, ProviderEvidence Evidence)> round, bool aborted, double promised)
    {
        ArgumentNullException.ThrowIfNull(round);
        return TryChange(records =>
        {
            foreach ((Bytes32 provider, ProviderEvidence evidence) in round.Where(one => one.Evidence.Asked > 0))
            {
                int at = IndexOf(records, provider, model);
                records[at] = records[at].With(evidence, aborted, promised);
            }
        });
    }

    /// <summary>Takes records out, as their owner wishes.</summary>
    public LedgerOutcome TryForget(Predicate<ProviderRecord> which)
    {
        ArgumentNullException.ThrowIfNull(which);
        return TryChange(records => records.RemoveAll(which));
    }

    /// <summary>Where a provider's record of a model is; made when there is none.</summary>
    static int IndexOf(List<ProviderRecord> records, Bytes32 provider, Bytes32 model)
    {
        int at = records.FindIndex(record => record.Provider == provider && record.Model == model);
        if (at < 0)
        {
            at = records.Count;
            records.Add(new ProviderRecord { Provider = provider, Model = model });
        }
        return at;
    }

    LedgerOutcome TryChange(Action<List<ProviderRecord>> change)
    {
        using FileStream? held = TryLock(out LedgerOutcome outcome);
        if (held is null)
        {
            return outcome;
        }
        outcome = Read(out State? state);
        if (state is null)
        {
            return outcome;
        }
        try
        {
            List<ProviderRecord> records = [.. state.Records];
            change(records);
            return records.Count > MostRecords ? LedgerOutcome.Full : TryWrite(state with { Records = records, Sequence = state.Sequence + 1 });
        }
        finally
        {
            state.Wipe();
        }
    }

    FileStream? TryLock(out LedgerOutcome outcome)
    {
        try
        {
            Directory.CreateDirectory(root);
            FileStream? held = FolderLock.TryTake(root);
            outcome = held is null ? LedgerOutcome.Busy : LedgerOutcome.Done;
            return held;
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            outcome = LedgerOutcome.Unwritable;
            return null;
        }
    }

    string RecordsFile => Path.Combine(root, "providers");

    string KeyFile => Path.Combine(root, "key");

    LedgerOutcome Read(out State? state)
    {
        State? kept = null;
        long counted = 0;
        IReadOnlyList<ProviderRecord>? records = null;
        KeyFileOutcome key = SecretFile.Read(KeyFile, body => (kept = TryParseKey(body)) is not null);
        KeyFileOutcome written = SecretFile.Read(RecordsFile, body => kept is not null && (records = TryParse(body, kept.Key, out counted)) is not null);
        state = (key, written) switch
        {
            (KeyFileOutcome.Missing, KeyFileOutcome.Missing) when !File.Exists(KeyFile) && !File.Exists(RecordsFile) => new State(0, false, RandomNumberGenerator.GetBytes(KeySize), []),
            // A process died before its first record.
            (KeyFileOutcome.Loaded, KeyFileOutcome.Missing) when kept!.Sequence == 0 && !File.Exists(RecordsFile) => kept,
            // A process may have died between the two writes.
            (KeyFileOutcome.Loaded, KeyFileOutcome.Loaded) when counted == kept!.Sequence || counted == kept.Sequence + 1 => kept with { Records = records!, Sequence = counted, IsKeyBehind = counted != kept.Sequence },
            _ => null,
        };
        if (state is null)
        {
            kept?.Wipe();
            return key == KeyFileOutcome.TooOpen || written == KeyFileOutcome.TooOpen ? LedgerOutcome.TooOpen : LedgerOutcome.Tampered;
        }
        return LedgerOutcome.Done;
    }

    LedgerOutcome TryWrite(State state)
    {
        byte[] key = new byte[1 + sizeof(long) + KeySize];
        try
        {
            if (!File.Exists(KeyFile))
            {
                WriteKey(state with { Sequence = 0 }, key);
            }
            else if (state.IsKeyBehind)
            {
                // Or the records would be two ahead of the key if this process dies next, and look like somebody else's.
                WriteKey(state with { Sequence = state.Sequence - 1 }, key);
            }
            SecretFile.Write(RecordsFile, ToBytes(state));
            WriteKey(state, key);
            return LedgerOutcome.Done;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return LedgerOutcome.Unwritable;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    void WriteKey(State state, byte[] body)
    {
        WireWriter writer = new(body);
        writer.Byte(Version);
        writer.Int64(state.Sequence);
        writer.Bytes(state.Key);
        SecretFile.Write(KeyFile, body);
    }

    static State? TryParseKey(ReadOnlyMemory<byte> body)
    {
        WireReader reader = new(body);
        bool known = reader.Byte() == Version;
        long sequence = reader.Int64();
        ReadOnlyMemory<byte> key = reader.Bytes(KeySize);
        return known && !reader.Failed && reader.Remaining == 0 && sequence is >= 0 and < long.MaxValue ? new State(sequence, false, key.ToArray(), []) : null;
    }

    static byte[] ToBytes(State state)
    {
        byte[] body = new byte[1 + sizeof(long) + (state.Records.Count * RecordSize) + MacSize];
        WireWriter writer = new(body);
        writer.Byte(Version);
        writer.Int64(state.Sequence);
        foreach (ProviderRecord record in state.Records)
        {
            writer.Bytes(record.Provider.AsSpan());
            writer.Bytes(record.Model.AsSpan());
            foreach (long count in (long[])
                [
                    record.Begun, record.Rounds, record.Aborted, record.Asked, record.Unanswered, record.Certified, record.Missed, record.Labelled, record.Right, record.Confirmed,
                    BitConverter.DoubleToInt64Bits(record.Evidence),
                ])
            {
                writer.Int64(count);
            }
            writer.Byte((byte)record.Verdict);
        }
        Span<byte> mac = stackalloc byte[MacSize];
        Blake2b.Mac256(state.Key, body.AsSpan(..^MacSize), mac);
        writer.Bytes(mac);
        return body;
    }

    /// <summary>Null for what was not written with the key.</summary>
    internal static IReadOnlyList<ProviderRecord>? TryParse(ReadOnlyMemory<byte> body, ReadOnlySpan<byte> key, out long sequence)
    {
        sequence = 0;
        Span<byte> mac = stackalloc byte[MacSize];
        if (body.Length < MacSize + 1 + sizeof(long) || (body.Length - MacSize - 1 - sizeof(long)) % RecordSize != 0)
        {
            return null;
        }
        Blake2b.Mac256(key, body.Span[..^MacSize], mac);
        WireReader reader = new(body[..^MacSize]);
        if (!CryptographicOperations.FixedTimeEquals(mac, body.Span[^MacSize..]) || reader.Byte() != Version)
        {
            return null;
        }
        sequence = reader.Int64();
        List<ProviderRecord> records = [];
        while (reader.Remaining > 0)
        {
            records.Add(ReadRecord(ref reader));
        }
        return records;
    }

    static ProviderRecord ReadRecord(ref WireReader reader) => new()
    {
        Provider = new Bytes32(reader.Bytes(Bytes32.Size).Span), Model = new Bytes32(reader.Bytes(Bytes32.Size).Span), Begun = reader.Int64(), Rounds = reader.Int64(),
        Aborted = reader.Int64(), Asked = reader.Int64(), Unanswered = reader.Int64(), Certified = reader.Int64(), Missed = reader.Int64(),
        Labelled = reader.Int64(), Right = reader.Int64(), Confirmed = reader.Int64(), Evidence = BitConverter.Int64BitsToDouble(reader.Int64()),
        Verdict = (AccuracyVerdict)reader.Byte(),
    };

    sealed record State(long Sequence, bool IsKeyBehind, byte[] Key, IReadOnlyList<ProviderRecord> Records)
    {
        public void Wipe() => CryptographicOperations.ZeroMemory(Key);
    }
}
