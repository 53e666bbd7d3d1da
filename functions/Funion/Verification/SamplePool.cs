using System.Text;
using System.Text.Unicode;
using Funion.Cryptography;
using Funion.Inference;
using Funion.Pigeonhole;

namespace Funion.Verification;

/// <summary>
/// Public samples of one model, in two sets: certified ones carry the promised model's own outputs and allow no miss; labelled ones say how good it is. A
/// server that knows which samples a client has can answer those rightly and all else wrongly, so a pool is worth what its secrecy is.
/// <code>
/// "funion-samples-1\n" ‖ SHA-256 of the model's file 32 ‖ form u8 ‖ promised accuracy f64 ‖ noise f64 ‖ slack f64
/// ‖ licence length u16 ‖ licence UTF-8 ‖ input size i64 ‖ output size i64 ‖ certified i64 ‖ labelled i64
/// ‖ certified × ( input ‖ output ) ‖ labelled × ( input ‖ label i64 ) ‖ BLAKE2b-256 of all before
/// </code>
/// Integers and floats are big-endian. Inputs and outputs are tensors as <see cref="TensorCodec"/> writes them, all inputs of one shape.
/// </summary>
public sealed record SamplePool
{
    /// <summary>Bytes of a file, samples of a set and bytes of a licence at most.</summary>
    public const int MostBytes = 64 << 20, MostSamples = 1 << 16, MostLicence = 1 << 12;

    const int SumSize = Blake2b.Size256;

    static ReadOnlySpan<byte> Magic => "funion-samples-1\n"u8;

    /// <summary>SHA-256 of the model's ONNX file.</summary>
    public required Bytes32 Model { get; init; }

    /// <summary>Whose arithmetic the certified outputs are.</summary>
    public required SampleForm Form { get; init; }

    /// <summary>The accuracy that the model's owner promises on samples like the labelled ones, above 0 and below 1; 0: there are none.</summary>
    public double Promised { get; init; }

    /// <summary>How far inputs may be moved and answers may lie apart; nothing at all where arithmetic is exact.</summary>
    public Tolerance Tolerance { get; init; }

    /// <summary>On what terms the samples may be used, for people.</summary>
    public string Licence { get; init; } = "";

    /// <summary>Inputs with the promised model's own outputs.</summary>
    public IReadOnlyList<(ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Output)> Certified { get; init; } = [];

    /// <summary>Inputs with what is right for them, whatever the model says.</summary>
    public IReadOnlyList<(ReadOnlyMemory<byte> Input, int Label)> Labelled { get; init; } = [];

    /// <summary>Names the pool by its content: BLAKE2b-256 of the file without its sum.</summary>
    public Bytes32 Digest
    {
        get
        {
            ReadOnlySpan<byte> bytes = ToBytes();
            return new Bytes32(bytes[^SumSize..]);
        }
    }

    /// <summary>
    /// Whether, for half of its own certified samples or more, another label could be given unnoticed: an answer may be off by twice what the model's own moves by, and the
    /// first score and the second by that much each. Such a pool shows nothing of a classifier; whoever sends one may want that.
    /// </summary>
    public bool IsLoose
    {
        get
        {
            double[] leads = Tolerance.Slack > 0 ? [.. Certified.Select(sample => Labels.Margin(sample.Output)).OfType<double>().Order()] : [];
            return leads.Length > 0 && leads[(leads.Length - 1) / 2] <= 2 * Tolerance.MostError;
        }
    }

    /// <summary>The file.</summary>
    /// <exception cref="InvalidOperationException">The parts do not go together: sizes, shapes or numbers.</exception>
    public byte[] ToBytes()
    {
        byte[] licence = Encoding.UTF8.GetBytes(Licence);
        int input = Certified.Count > 0 ? Certified[0].Input.Length : Labelled.Count > 0 ? Labelled[0].Input.Length : 0;
        int output = Certified.Count > 0 ? Certified[0].Output.Length : 0;
        if (!Sound(licence.Length) || Certified.Any(sample => sample.Input.Length != input || sample.Output.Length != output)
            || Labelled.Any(sample => sample.Input.Length != input || sample.Label < 0))
        {
            throw new InvalidOperationException("The samples do not make a pool: sizes, shapes or numbers do not go together.");
        }
        int body = Magic.Length + Bytes32.Size + 1 + (3 * 8) + 2 + licence.Length + (4 * 8);
        long whole = body + ((long)Certified.Count * (input + output)) + ((long)Labelled.Count * (input + 8)) + SumSize;
        if (whole > MostBytes)
        {
            throw new InvalidOperationException("The samples are more than a pool holds.");
        }
        byte[] bytes = new byte[whole];
        WireWriter writer = new(bytes);
        writer.Bytes(Magic);
        writer.Bytes(Model.AsSpan());
        writer.Byte((byte)Form);
        writer.Int64(BitConverter.DoubleToInt64Bits(Promised));
        writer.Int64(BitConverter.DoubleToInt64Bits(Tolerance.Noise));
        writer.Int64(BitConverter.DoubleToInt64Bits(Tolerance.Slack));
        writer.UInt16(licence.Length);
        writer.Bytes(licence);
        writer.Int64(input);
        writer.Int64(output);
        writer.Int64(Certified.Count);
        writer.Int64(Labelled.Count);
        foreach ((ReadOnlyMemory<byte> sample, ReadOnlyMemory<byte> certified) in Certified)
        {
            writer.Bytes(sample.Span);
            writer.Bytes(certified.Span);
        }
        foreach ((ReadOnlyMemory<byte> sample, int label) in Labelled)
        {
            writer.Bytes(sample.Span);
            writer.Int64(label);
        }
        Span<byte> sum = stackalloc byte[SumSize];
        Blake2b.Hash256(bytes.AsSpan(..^SumSize), sum);
        writer.Bytes(sum);
        return bytes;
    }

    /// <summary>Reads a file's bytes, which it keeps.</summary>
    public static SamplePoolOutcome TryRead(ReadOnlyMemory<byte> file, out SamplePool? pool)
    {
        pool = null;
        if (file.Length > MostBytes)
        {
            return SamplePoolOutcome.TooLarge;
        }
        if (file.Length < Magic.Length + SumSize || !file.Span.StartsWith(Magic))
        {
            return SamplePoolOutcome.NoPool;
        }
        Span<byte> sum = stackalloc byte[SumSize];
        Blake2b.Hash256(file.Span[..^SumSize], sum);
        if (!sum.SequenceEqual(file.Span[^SumSize..]))
        {
            return SamplePoolOutcome.Damaged;
        }
        pool = TryParse(file[Magic.Length..^SumSize]);
        return pool is null ? SamplePoolOutcome.Malformed : SamplePoolOutcome.Read;
    }

    /// <summary>Reads a file of whatever size without believing what it says.</summary>
    public static SamplePoolOutcome TryLoad(string path, out SamplePool? pool)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        pool = null;
        try
        {
            FileInfo file = new(path);
            return !file.Exists ? SamplePoolOutcome.Missing
                : file.Length > MostBytes ? SamplePoolOutcome.TooLarge
                : TryRead(File.ReadAllBytes(path), out pool);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return SamplePoolOutcome.Missing;
        }
    }

    static SamplePool? TryParse(ReadOnlyMemory<byte> body)
    {
        WireReader reader = new(body);
        ReadOnlyMemory<byte> model = reader.Bytes(Bytes32.Size);
        SampleForm form = (SampleForm)reader.Byte();
        double promised = BitConverter.Int64BitsToDouble(reader.Int64());
        Tolerance tolerance = new(BitConverter.Int64BitsToDouble(reader.Int64()), BitConverter.Int64BitsToDouble(reader.Int64()));
        ReadOnlyMemory<byte> licence = reader.Bytes(reader.UInt16());
        long input = reader.Int64(), output = reader.Int64(), certified = reader.Int64(), labelled = reader.Int64();
        if (reader.Failed || !Enum.IsDefined(form) || !Utf8.IsValid(licence.Span) || input is < 1 or > MostBytes || output is < 0 or > MostBytes
            || certified is < 0 or > MostSamples || labelled is < 0 or > MostSamples || (certified == 0) != (output == 0)
            || (certified * (input + output)) + (labelled * (input + 8)) != reader.Remaining)
        {
            return null;
        }
        List<(ReadOnlyMemory<byte>, ReadOnlyMemory<byte>)> certain = [];
        for (int i = 0; i < certified; i++)
        {
            certain.Add((reader.Bytes((int)input), reader.Bytes((int)output)));
        }
        List<(ReadOnlyMemory<byte>, int)> known = [];
        for (int i = 0; i < labelled; i++)
        {
            ReadOnlyMemory<byte> sample = reader.Bytes((int)input);
            if (reader.Int64() is not (>= 0 and <= int.MaxValue and long label))
            {
                return null;
            }
            known.Add((sample, (int)label));
        }
        SamplePool pool = new()
        {
            Model = new Bytes32(model.Span), Form = form, Promised = promised, Tolerance = tolerance, Licence = Encoding.UTF8.GetString(licence.Span),
            Certified = certain, Labelled = known,
        };
        return pool.Sound(licence.Length) ? pool : null;
    }

    /// <summary>Whether an input has the names, types and shapes of the samples: others would be known from them.</summary>
    public bool Fits(ReadOnlyMemory<byte> input)
    {
        ReadOnlyMemory<byte> sample = Certified.Count > 0 ? Certified[0].Input : Labelled[0].Input;
        return input.Length == sample.Length && TensorCodec.TryParse(input) is { } tensors && TensorCodec.TryParse(sample)!.SequenceEqual(tensors, TensorShapes.Same);
    }

    bool Sound(int licence) => licence <= MostLicence && Certified.Count <= MostSamples && Labelled.Count <= MostSamples && Certified.Count + Labelled.Count > 0
        && Tolerance.IsSound && (Form == SampleForm.Plain || Tolerance == default) && (Labelled.Count == 0 ? Promised == 0 : Promised is > 0 and < 1) && OfOneShape();

    bool OfOneShape()
    {
        IReadOnlyList<Tensor>? first = null;
        foreach (ReadOnlyMemory<byte> input in Certified.Select(sample => sample.Input).Concat(Labelled.Select(sample => sample.Input)))
        {
            if (TensorCodec.TryParse(input) is not { } tensors || (first is not null && !first.SequenceEqual(tensors, TensorShapes.Same)))
            {
                return false;
            }
            first ??= tensors;
        }
        return Certified.All(sample => TensorCodec.TryParse(sample.Output) is not null);
    }
}
