namespace Funion.Cli.Anonymity.Distinguishers;

/// <summary>Logistic regression with a small ridge, by Newton's method; over the features, or over them and their squares.</summary>
sealed class Logistic : Distinguisher
{
    const int Steps = 8;
    const double Ridge = 2;

    readonly Scale _scale;
    readonly bool _squares;
    readonly double[] _weights;

    public Logistic(IReadOnlyList<Round> rounds, bool squares)
        : base(squares ? "logistic regression with squares" : "logistic regression")
    {
        _scale = new Scale(rounds);
        _squares = squares;
        double[][] rows = [.. rounds.Select(round => Row(round.Features))];
        _weights = new double[rows[0].Length];
        for (int step = 0; step < Steps; step++)
        {
            Improve(rows, rounds);
        }
    }

    public override bool Guess(double[] features) => Dot(_weights, Row(features)) > 0;

    double[] Row(double[] features)
    {
        double[] scaled = _scale.Of(features);
        return _squares ? [1, .. scaled, .. scaled.Select(value => (value * value) - 1)] : [1, .. scaled];
    }

    void Improve(double[][] rows, IReadOnlyList<Round> rounds)
    {
        int width = _weights.Length;
        double[][] curvature = [.. Enumerable.Range(0, width).Select(_ => new double[width])];
        double[] slope = new double[width];
        for (int i = 0; i < width; i++)
        {
            curvature[i][i] = Ridge;
            slope[i] = -Ridge * _weights[i];
        }
        for (int at = 0; at < rows.Length; at++)
        {
            double[] row = rows[at];
            double p = 1 / (1 + Math.Exp(-Math.Clamp(Dot(_weights, row), -30, 30)));
            double error = (rounds[at].Secret ? 1 : 0) - p, weight = Math.Max(1e-6, p * (1 - p));
            for (int i = 0; i < width; i++)
            {
                slope[i] += error * row[i];
                double scaled = weight * row[i];
                double[] line = curvature[i];
                for (int j = 0; j <= i; j++)
                {
                    line[j] += scaled * row[j];
                }
            }
        }
        for (int i = 0; i < width; i++)
        {
            for (int j = 0; j < i; j++)
            {
                curvature[j][i] = curvature[i][j];
            }
        }
        double[] change = Solve(curvature, slope);
        for (int i = 0; i < width; i++)
        {
            _weights[i] += Math.Clamp(change[i], -2, 2);
        }
    }

    /// <summary>Gauss with pivots; the ridge keeps the matrix regular.</summary>
    static double[] Solve(double[][] matrix, double[] right)
    {
        int n = right.Length;
        for (int column = 0; column < n; column++)
        {
            int pivot = Enumerable.Range(column, n - column).MaxBy(row => Math.Abs(matrix[row][column]));
            (matrix[column], matrix[pivot]) = (matrix[pivot], matrix[column]);
            (right[column], right[pivot]) = (right[pivot], right[column]);
            for (int row = column + 1; row < n; row++)
            {
                double factor = matrix[row][column] / matrix[column][column];
                for (int j = column; j < n; j++)
                {
                    matrix[row][j] -= factor * matrix[column][j];
                }
                right[row] -= factor * right[column];
            }
        }
        for (int row = n - 1; row >= 0; row--)
        {
            for (int j = row + 1; j < n; j++)
            {
                right[row] -= matrix[row][j] * right[j];
            }
            right[row] /= matrix[row][row];
        }
        return right;
    }

    static double Dot(double[] one, double[] other)
    {
        double sum = 0;
        for (int i = 0; i < one.Length; i++)
        {
            sum += one[i] * other[i];
        }
        return sum;
    }
}
