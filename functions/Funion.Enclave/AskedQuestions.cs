using System.Buffers.Binary;
using Funion.Private.Enclaves;

namespace Funion.Enclave;

/// <summary>
/// Which questions were taken, so that none is taken twice: the last <see cref="Most"/> by name, all before them by the counter. A question names the newest counter that its
/// asker has seen, which is none that is still to come; so when the name of one that was taken at counter c is let go, every question that names c or less may be
/// that one, and is refused as stale. Whoever asks with evidence of the day names more.
/// <code>
/// asked = horizon 8 ‖ number of names 2 ‖ (first 16 bytes of a name ‖ counter 8)…          the oldest first
/// </code>
/// </summary>
sealed class AskedQuestions
{
    /// <summary>Names that are kept: so many questions may be taken between someone's evidence and their question.</summary>
    public const int Most = 1_024;

    const int NameSize = 16;

    readonly Queue<(UInt128 Name, ulong Counter)> _order = new();
    readonly HashSet<UInt128> _names = [];

    /// <summary>Questions that name no more than this are stale; below every counter at first.</summary>
    public long Horizon { get; private set; } = -1;

    /// <summary>Whether a question may be taken.</summary>
    public EnclaveRefusal Check(in Bytes32 name, ulong newestSeen) =>
        _names.Contains(Short(name)) ? EnclaveRefusal.Replayed : newestSeen <= long.MaxValue && (long)newestSeen <= Horizon ? EnclaveRefusal.Stale : EnclaveRefusal.None;

    /// <summary>Notes a question that is taken at this counter.</summary>
    public void Add(in Bytes32 name, ulong counter)
    {
        if (!_names.Add(Short(name)))
        {
            return;
        }
        _order.Enqueue((Short(name), counter));
        if (_order.Count > Most)
        {
            (UInt128 oldest, ulong taken) = _order.Dequeue();
            _names.Remove(oldest);
            Horizon = Math.Max(Horizon, checked((long)taken));
        }
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Horizon);
        writer.Write((ushort)_order.Count);
        Span<byte> short_ = stackalloc byte[NameSize];
        foreach ((UInt128 name, ulong counter) in _order)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(short_, name);
            writer.Write(short_);
            writer.Write(counter);
        }
    }

    /// <summary>Reads what was written; null when it is none.</summary>
    public static AskedQuestions? TryRead(ref NumberReader reader)
    {
        AskedQuestions asked = new() { Horizon = reader.Int64() };
        int count = reader.UInt16();
        bool sound = asked.Horizon >= -1 && count <= Most;
        for (int i = 0; i < count && sound; i++)
        {
            ReadOnlySpan<byte> name = reader.Take(NameSize);
            ulong counter = unchecked((ulong)reader.Int64());
            sound = !name.IsEmpty && counter <= long.MaxValue && asked._names.Add(BinaryPrimitives.ReadUInt128LittleEndian(name));
            if (sound)
            {
                asked._order.Enqueue((BinaryPrimitives.ReadUInt128LittleEndian(name), counter));
            }
        }
        return sound ? asked : null;
    }

    static UInt128 Short(in Bytes32 name) => BinaryPrimitives.ReadUInt128LittleEndian(name.AsSpan());
}
