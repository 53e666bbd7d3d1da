using Funion.Private.Onnx;
using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>Turns nodes into layers one after another, and collects what is wrong with them instead of stopping at the first.</summary>
sealed partial class NetworkBuilder
{
    /// <summary>Elements of one activation; and, of all layers together, weights, outputs and products: a small file can say the same constant many times.</summary>
    const long MaxElements = 1 << 24, MaxWeights = 1 << 27, MaxOutputs = 1 << 27, MaxWork = 1L << 38;

    const int MaxProblems = 100;

    static readonly Dictionary<string, Action<NetworkBuilder, OnnxNode>> s_operators = new(StringComparer.Ordinal)
    {
        ["Conv"] = (builder, node) => builder.Convolution(node),
        ["Gemm"] = (builder, node) => builder.Product(node, node.Integer("transB", 0) != 0, node.Float("alpha", 1), node.Float("beta", 1)),
        ["MatMul"] = (builder, node) => builder.Product(node, transposed: false, 1, 0),
        ["BatchNormalization"] = (builder, node) => builder.Normalization(node),
        ["Relu"] = (builder, node) => builder.Activation(node, float.PositiveInfinity),
        ["Clip"] = (builder, node) => builder.Clip(node),
        ["MaxPool"] = (builder, node) => builder.MaxPool(node),
        ["AveragePool"] = (builder, node) => builder.AveragePool(node, global: false),
        ["GlobalAveragePool"] = (builder, node) => builder.AveragePool(node, global: true),
        ["Add"] = (builder, node) => builder.Add(node),
        ["Mul"] = (builder, node) => builder.Multiply(node),
        ["Pow"] = (builder, node) => builder.Power(node),
        ["Sub"] = (builder, node) => builder.Subtract(node),
        ["Flatten"] = (builder, node) => builder.Flatten(node),
        ["Reshape"] = (builder, node) => builder.Reshape(node),
        ["Identity"] = (builder, node) => builder.Same(node),
        ["Dropout"] = (builder, node) => builder.Same(node),
        ["Constant"] = (builder, node) => builder.Constant(node),
    };

    readonly OnnxModel _model;
    readonly TensorShape _input;
    readonly List<FloatLayer> _layers = [];
    readonly List<string> _problems = [];
    readonly Dictionary<string, OnnxTensor> _constants;
    readonly Dictionary<string, NamedValue> _values = new(StringComparer.Ordinal);
    readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> _uses = new(StringComparer.Ordinal);
    readonly HashSet<float[]> _finite = [];
    long _weights, _outputs, _work;

    public NetworkBuilder(OnnxModel model, TensorShape input)
    {
        _model = model;
        _input = input;
        _constants = new Dictionary<string, OnnxTensor>(model.Constants, StringComparer.Ordinal);
        _values[model.Inputs[0].Name] = new NamedValue(0, input, model.Inputs[0].Shape.Length == 4);
        _seen.Add(model.Inputs[0].Name);
        foreach (string name in model.Nodes.SelectMany(node => node.Inputs).Concat(model.Outputs))
        {
            _uses[name] = _uses.GetValueOrDefault(name) + 1;
        }
    }

    /// <summary>Whether there is a counterpart for the operator at all.</summary>
    public static bool Knows(OnnxNode node) => node.Domain is "" or "ai.onnx" && s_operators.ContainsKey(node.Operator);

    public NetworkReading Build()
    {
        foreach (OnnxNode node in _model.Nodes)
        {
            s_operators[node.Operator](this, node);
            // An output that could not be made is there all the same: one problem is told once.
            if (node.Outputs.Any(output => output.Length > 0 && !_seen.Add(output)))
            {
                return NetworkReader.Malformed("a value is made twice");
            }
            if (_problems.Count == MaxProblems)
            {
                return new NetworkReading(NetworkOutcome.Unsupported, null, _problems);
            }
        }
        if (!_seen.Contains(_model.Outputs[0]))
        {
            return NetworkReader.Malformed("nothing makes the output");
        }
        Materialise(null, _model.Outputs[0]);
        if (_problems.Count == 0)
        {
            Whole();
        }
        return _problems.Count == 0
            ? new NetworkReading(NetworkOutcome.Ok, new FloatNetwork(_input, _layers), [])
            : new NetworkReading(NetworkOutcome.Unsupported, null, _problems);
    }

    /// <summary>The last layer is the output, and every other one leads to it.</summary>
    void Whole()
    {
        if (!_values.TryGetValue(_model.Outputs[0], out NamedValue? output) || output.Value != _layers.Count || _layers.Count == 0)
        {
            _problems.Add("an output that is not the last layer");
            return;
        }
        HashSet<int> used = [.. _layers.SelectMany(layer => layer.Inputs)];
        _problems.AddRange(_layers.SkipLast(1).Where((_, i) => !used.Contains(i + 1)).Select(layer => $"{NetworkReader.Short(layer.Name)}, which leads nowhere").Distinct().Take(MaxProblems));
    }

    /// <summary>The activation that a node takes; null when it has none, or one that is a problem already.</summary>
    NamedValue? Take(OnnxNode node, int input = 0)
    {
        string? name = node.Input(input);
        if (name is not null && (Materialise(node, name) is { } made || _values.TryGetValue(name, out made)))
        {
            return made;
        }
        if (name is null || !_seen.Contains(name))
        {
            Refuse(node, _constants.ContainsKey(name ?? "") ? "of a constant" : "of a value that nothing makes");
        }
        return null;
    }

    /// <summary>A constant input with so many floats at most.</summary>
    OnnxTensor? Floats(OnnxNode node, int input)
    {
        if (node.Input(input) is { } name && _constants.TryGetValue(name, out OnnxTensor? tensor))
        {
            // Looked at once, however many nodes share it.
            if (!tensor.Other && tensor.Floats.Length > 0 && (_finite.Contains(tensor.Floats) || tensor.Floats.All(float.IsFinite)))
            {
                _finite.Add(tensor.Floats);
                return tensor;
            }
            Refuse(node, "with constants that are no finite floats in this file");
            return null;
        }
        Refuse(node, "with weights that are no constants");
        return null;
    }

    void Refuse(OnnxNode node, string why)
    {
        string problem = $"{node.Operator} '{NetworkReader.Short(node.Outputs[0])}' {why}";
        if (_problems.Count < MaxProblems && !_problems.Contains(problem))
        {
            _problems.Add(problem);
        }
    }

    /// <summary>A shape from a hostile file, as a message may repeat it.</summary>
    static string Shown(long[] shape) => $"[{string.Join(", ", shape.Take(8))}{(shape.Length > 8 ? ", …" : "")}]";

    /// <summary>Whether all layers together stay in proportion with this one; a layer that is replaced counts again, as it is computed again.</summary>
    bool Affords(OnnxNode node, FloatLayer layer)
    {
        long area = layer switch
        {
            FloatLinear linear => linear.Shape.FanIn,
            FloatActivation { Pool: { } window } => window.Area,
            FloatAveragePool pool => pool.Window.Area,
            _ => 1,
        };
        _outputs += layer.Output.Count;
        _work += layer.Output.Count * area;
        if (_outputs <= MaxOutputs && _work <= MaxWork)
        {
            return true;
        }
        Refuse(node, "with which the network is too large");
        return false;
    }

    void Put(OnnxNode node, FloatLayer layer, bool picture)
    {
        if (!Affords(node, layer))
        {
            return;
        }
        _layers.Add(layer);
        _values[node.Outputs[0]] = new NamedValue(_layers.Count, layer.Output, picture);
    }

    /// <summary>Puts a layer in place of the one that made <paramref name="value"/>, which nothing else uses.</summary>
    void Replace(OnnxNode node, NamedValue value, FloatLayer layer)
    {
        if (!Affords(node, layer))
        {
            return;
        }
        _layers[value.Value - 1] = layer;
        _values[node.Outputs[0]] = value with { Shape = layer.Output };
    }

    /// <summary>The layer that made a value, when nothing but this node uses it.</summary>
    T? Sole<T>(OnnxNode node, int input, NamedValue value)
        where T : FloatLayer => value.Value > 0 && _uses[node.Inputs[input]] == 1 && value.Uses == 1 ? _layers[value.Value - 1] as T : null;

    /// <summary>A value under a name; a name that only renames it, and is used often, makes it used often.</summary>
    sealed record NamedValue(int Value, TensorShape Shape, bool Picture, int Uses = 1);
}
