using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>
/// Reads what <see cref="ArchitectureFormat"/> writes, from anybody. Everything is bounded before it is believed: what is taken costs a plan of so many values, and
/// never more.
/// </summary>
public ref struct ArchitectureReader
{
    /// <summary>Most bytes.</summary>
    public const int MaxSize = 1 << 16;

    const int MostLayers = 512, MostElements = 1 << 20, MostFilters = 1 << 14, MostWindow = 64, MostWeight = 1 << 15, MinBits = 16, MaxBits = 40;

    /// <summary>Of all layers together: inputs of linear layers, and values under windows of the others.</summary>
    const long MostWork = 1L << 23;

    readonly List<IntegerLayer> _layers = [];
    readonly List<TensorShape> _shapes = [];
    ReadOnlySpan<byte> _rest;
    ArchitectureOutcome _outcome = ArchitectureOutcome.Ok;
    long _work;

    ArchitectureReader(ReadOnlySpan<byte> bytes) => _rest = bytes;

    /// <summary>Reads an architecture.</summary>
    public static ArchitectureOutcome TryRead(ReadOnlySpan<byte> bytes, out IntegerNetwork? network)
    {
        network = null;
        if (bytes.Length > MaxSize)
        {
            return ArchitectureOutcome.TooLarge;
        }
        if (!bytes.StartsWith(ArchitectureFormat.Label))
        {
            return ArchitectureOutcome.Malformed;
        }
        ArchitectureReader reader = new(bytes[ArchitectureFormat.Label.Length..]);
        network = reader.Read();
        return reader._outcome;
    }

    IntegerNetwork? Read()
    {
        int bits = Int(MinBits, MaxBits);
        TensorShape input = Shape();
        double inputScale = Scale(), outputScale = Scale();
        int layers = Int(1, int.MaxValue);
        Bound(layers <= MostLayers);
        _shapes.Add(input);
        for (int i = 0; i < layers && _outcome == ArchitectureOutcome.Ok; i++)
        {
            if (Layer(i, bits) is { } layer)
            {
                _layers.Add(layer);
                _shapes.Add(layer.Output);
            }
        }
        Require(_rest.Length == 0);
        return _outcome == ArchitectureOutcome.Ok ? new IntegerNetwork(new Modulus(bits), input, inputScale, _layers, outputScale) : null;
    }

    IntegerLayer? Layer(int index, int bits)
    {
        int kind = Int(1, 5), first = 0, second = 0, inputs = Int(1, 2);
        Require(inputs == (kind == 3 ? 2 : 1));
        first = Int(0, index);
        second = inputs == 2 ? Int(0, index) : 0;
        TensorShape output = Shape();
        if (_outcome != ArchitectureOutcome.Ok)
        {
            return null;
        }
        IntegerLayer? layer = kind switch
        {
            1 => Linear(index, first, output),
            2 => Nonlinear(index, first, bits),
            3 => Addition(index, first, second, bits),
            4 => Sums(index, first),
            _ => Quadratic(index, first, bits),
        };
        Require(layer?.Output == output);
        return layer;
    }

    LinearLayer? Linear(int index, int first, TensorShape output)
    {
        TensorShape from = From(first);
        Window window = Window(from);
        int bound = Int(1, MostWeight);
        Bound(output.Channels <= MostFilters && (long)output.Channels * from.Channels * window.Area <= int.MaxValue);
        Work(from.Count);
        return _outcome != ArchitectureOutcome.Ok ? null
            : new LinearLayer($"linear {index}", first, new ConvolutionShape(from, output.Channels, window), bound, null, null);
    }

    NonlinearLayer? Nonlinear(int index, int first, int bits)
    {
        TensorShape from = From(first);
        Window window = Window(from);
        Pools(window);
        bool rectifies = Byte() == 1;
        int truncation = Int(0, bits - 2);
        long cap = Long();
        Require(cap is -1 or > 0 && (cap < 0 || rectifies));
        if (_outcome != ArchitectureOutcome.Ok)
        {
            return null;
        }
        NonlinearLayer layer = new(
            $"activation {index}", first, from, window == Ring.Window.Point ? null : window, rectifies, truncation, cap < 0 ? null : cap);
        Work((long)layer.Output.Count * window.Area);
        return layer;
    }

    AddLayer? Addition(int index, int first, int second, int bits)
    {
        int left = Int(0, bits - 1), right = Int(0, bits - 1);
        Require(_shapes[first] == _shapes[second]);
        return _outcome == ArchitectureOutcome.Ok ? new AddLayer($"sum {index}", first, second, _shapes[first], left, right) : null;
    }

    QuadraticLayer? Quadratic(int index, int first, int bits)
    {
        TensorShape shape = _shapes[first];
        int truncation = Int(0, bits - 2), kept = Int(2, bits);
        long square = Long(), linear = Long(), constant = Long();
        Work(shape.Count);
        Require(_outcome == ArchitectureOutcome.Ok && QuadraticLayer.IsSound(new Modulus(bits), truncation, kept, square, linear, constant));
        return _outcome == ArchitectureOutcome.Ok ? new QuadraticLayer($"square {index}", first, shape, truncation, kept, square, linear, constant) : null;
    }

    SumPoolLayer? Sums(int index, int first)
    {
        TensorShape from = From(first);
        Window window = Window(from);
        Pools(window);
        if (_outcome != ArchitectureOutcome.Ok)
        {
            return null;
        }
        SumPoolLayer layer = new($"pool {index}", first, from, window);
        Work((long)layer.Output.Count * window.Area);
        return layer;
    }

    /// <summary>The shape in which a layer takes a value: as many elements, perhaps in a row.</summary>
    TensorShape From(int value)
    {
        TensorShape from = Shape();
        Require(_outcome == ArchitectureOutcome.Ok && from.Count == _shapes[value].Count);
        return from;
    }

    TensorShape Shape()
    {
        int channels = Int(1, int.MaxValue), height = Int(1, int.MaxValue), width = Int(1, int.MaxValue);
        Bound((Int128)channels * height * width <= MostElements);
        return _outcome == ArchitectureOutcome.Ok ? new TensorShape(channels, height, width) : new TensorShape(1, 1, 1);
    }

    Window Window(TensorShape from)
    {
        Span<int> sides = stackalloc int[8];
        foreach (ref int side in sides)
        {
            side = Int(0, int.MaxValue);
        }
        Window window = new(sides[0], sides[1], sides[2], sides[3], sides[4], sides[5], sides[6], sides[7]);
        Require(_outcome == ArchitectureOutcome.Ok && window.Fits(from));
        return _outcome == ArchitectureOutcome.Ok ? window : Ring.Window.Point;
    }

    /// <summary>A pooling has a value in each of its windows, and not too many.</summary>
    void Pools(Window window)
    {
        Require(window.Top < window.Height && window.Bottom < window.Height && window.Left < window.Width && window.Right < window.Width);
        Bound(window.Area <= MostWindow);
    }

    double Scale()
    {
        double scale = BitConverter.Int64BitsToDouble(Long());
        Require(double.IsFinite(scale) && scale > 0);
        return scale;
    }

    int Int(int least, int most)
    {
        int value = _rest.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(_rest) : int.MinValue;
        Require(value >= least && value <= most);
        _rest = _rest[Math.Min(_rest.Length, sizeof(int))..];
        return _outcome == ArchitectureOutcome.Ok ? value : least;
    }

    long Long()
    {
        Require(_rest.Length >= sizeof(long));
        long value = _outcome == ArchitectureOutcome.Ok ? BinaryPrimitives.ReadInt64LittleEndian(_rest) : 0;
        _rest = _rest[Math.Min(_rest.Length, sizeof(long))..];
        return value;
    }

    byte Byte()
    {
        Require(_rest.Length > 0 && _rest[0] <= 1);
        byte value = _outcome == ArchitectureOutcome.Ok ? _rest[0] : (byte)0;
        _rest = _rest[Math.Min(_rest.Length, 1)..];
        return value;
    }

    void Work(long more)
    {
        _work += more;
        Bound(_work <= MostWork);
    }

    void Require(bool holds) => Fail(holds, ArchitectureOutcome.Malformed);

    void Bound(bool holds) => Fail(holds, ArchitectureOutcome.TooLarge);

    void Fail(bool holds, ArchitectureOutcome otherwise) => _outcome = _outcome == ArchitectureOutcome.Ok && !holds ? otherwise : _outcome;
}
