using Funion.Models.Digits;
using Funion.Models.Onnx;
using Funion.Private.Ring;

namespace Funion.Tests.Private;

/// <summary>ONNX models by chance, of every operator that is taken, with the shapes kept track of.</summary>
sealed class RandomModels(int seed)
{
    readonly Random _random = new(seed);

    /// <summary>A model and the number of its inputs.</summary>
    public (byte[] File, TensorShape Input) Next()
    {
        OnnxDraft draft = new();
        TensorShape input = new(_random.Next(1, 4), _random.Next(6, 13), _random.Next(6, 13)), shape = input;
        draft.Input("x", 0, input.Channels, input.Height, input.Width);
        string value = "x";
        for (int i = _random.Next(1, 5); i > 0 && shape is { Height: > 2, Width: > 2 }; i--)
        {
            (value, shape) = Block(draft, value, shape);
        }
        if (_random.Next(3) == 0)
        {
            (value, shape) = (draft.Node("GlobalAveragePool", [value]), new TensorShape(shape.Channels, 1, 1));
        }
        value = _random.Next(2) == 0 ? draft.Node("Flatten", [value]) : draft.Node("Reshape", [value, draft.Constant(0, -1)]);
        int outputs = _random.Next(2, 9);
        if (_random.Next(2) == 0)
        {
            value = draft.Node("Gemm", [value, Weights(draft, outputs, shape.Count), Weights(draft, outputs)], OnnxDraft.Integer("transB", 1));
        }
        else
        {
            value = draft.Node("Add", [draft.Node("MatMul", [value, Weights(draft, shape.Count, outputs)]), Weights(draft, outputs)]);
        }
        draft.NodeTo("Identity", [value], ["y"]);
        draft.Output("y", 0, outputs);
        return (draft.ToBytes(), input);
    }

    (string Value, TensorShape Shape) Block(OnnxDraft draft, string value, TensorShape shape)
    {
        string before = value;
        TensorShape from = shape;
        (value, shape) = Convolution(draft, value, shape);
        if (_random.Next(2) == 0)
        {
            value = draft.Node("BatchNormalization", [value, Weights(draft, shape.Channels), Weights(draft, shape.Channels), Weights(draft, shape.Channels),
                draft.Constant([shape.Channels], [.. Enumerable.Range(0, shape.Channels).Select(_ => 0.5f + _random.NextSingle())])]);
        }
        if (shape == from && _random.Next(2) == 0)
        {
            value = draft.Node("Add", [value, before]);
        }
        value = _random.Next(3) switch
        {
            0 => draft.Node("Relu", [value]),
            1 => draft.Node("Clip", [value, draft.Constant([], [0f]), draft.Constant([], [6f])]),
            _ => value,
        };
        if (shape.Height < 4 || shape.Width < 4)
        {
            return (value, shape);
        }
        Window window = _random.Next(2) == 0 ? Window.Square(2, 2) : new Window(3, 2, 2, 1);
        switch (_random.Next(4))
        {
            case 0:
                value = draft.Node("AveragePool", [value], [OnnxDraft.Integers("kernel_shape", window.Height, window.Width), Strides(window)]);
                return (value, window.Over(shape, shape.Channels));
            case 1:
                window = window with { Top = 1, Right = 1 };
                value = draft.Node("MaxPool", [value], [OnnxDraft.Integers("kernel_shape", window.Height, window.Width), Strides(window), Pads(window)]);
                return (_random.Next(2) == 0 ? draft.Node("Relu", [value]) : value, window.Over(shape, shape.Channels));
            default:
                return (value, shape);
        }
    }

    (string Value, TensorShape Shape) Convolution(OnnxDraft draft, string value, TensorShape shape)
    {
        int filters = _random.Next(2) == 0 ? shape.Channels : _random.Next(1, 6);
        List<ProtoWriter> attributes = [];
        Window window = new(_random.Next(1, 4), _random.Next(1, 4));
        switch (_random.Next(3))
        {
            case 0:
                (int top, int left, int bottom, int right) = (_random.Next(2), _random.Next(2), _random.Next(2), _random.Next(2));
                window = new Window(window.Height, window.Width, _random.Next(1, 3), _random.Next(1, 3), top, left, bottom, right);
                attributes.AddRange([Strides(window), Pads(window)]);
                break;
            case 1:
                bool upper = _random.Next(2) == 0;
                (int y, int x) = (upper ? (window.Height - 1) / 2 : window.Height / 2, upper ? (window.Width - 1) / 2 : window.Width / 2);
                window = window with { Top = y, Left = x, Bottom = window.Height - 1 - y, Right = window.Width - 1 - x };
                attributes.Add(OnnxDraft.Text("auto_pad", upper ? "SAME_UPPER" : "SAME_LOWER"));
                break;
            default:
                break;
        }
        string[] inputs = [value, Weights(draft, filters, shape.Channels, window.Height, window.Width), .. _random.Next(2) == 0 ? (string[])[Weights(draft, filters)] : []];
        return (draft.Node("Conv", inputs, [.. attributes]), window.Over(shape, filters));
    }

    string Weights(OnnxDraft draft, params long[] shape)
    {
        float scale = MathF.Sqrt(3f / shape.Skip(1).Aggregate(1L, (a, b) => a * b));
        return draft.Constant(shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => scale * ((2 * _random.NextSingle()) - 1))]);
    }

    static ProtoWriter Strides(Window window) => OnnxDraft.Integers("strides", window.StrideY, window.StrideX);

    static ProtoWriter Pads(Window window) => OnnxDraft.Integers("pads", window.Top, window.Left, window.Bottom, window.Right);
}
